import { defineFields } from '@millrace/component-kit'
import { defineEntityAction } from './entity-action.ts'
import { exampleMessage } from './example-message.ts'
import { isFilled, personIdentifiers } from './identifiers.ts'
import { convertTimestamp, personId } from './shared-fields.ts'
import { convertTimes, toSeconds } from './timestamps.ts'
import { onEvents, specialEvents } from './triggers.ts'

const fields = defineFields({
  ...personId,
  deviceId: {
    type: 'string',
    label: 'Device token',
    description: 'The token by which the device gets push messages.',
    example: 'tok',
    required: true,
    default: { '@path': '$.context.device.token' },
  },
  platform: {
    type: 'string',
    label: 'Platform',
    description: 'Customer.io accepts "ios" and "android"; upper case becomes lower case.',
    example: 'ios',
    required: true,
    default: { '@path': '$.context.device.type' },
  },
  lastUsed: {
    type: 'string',
    label: 'Last used',
    description: 'When the device was last used: ISO 8601 or seconds since 1970. Always sent in seconds.',
    example: '2026-01-02T03:04:05.000Z',
    default: { '@path': '$.timestamp' },
  },
  appVersion: {
    type: 'string',
    label: 'App version',
    description: 'The attribute "app_version" of the device.',
    example: '1.2',
    default: { '@path': '$.context.app.version' },
  },
  attributes: {
    type: 'object',
    label: 'Attributes',
    description: 'Attributes of the device.',
    example: { build: '1' },
    default: { '@path': '$.properties' },
  },
  ...convertTimestamp,
})

export const createUpdateDevice = defineEntityAction({
  title: 'Create or Update Device',
  description: 'Add a device to a person, or change its attributes.',
  trigger: onEvents(specialEvents.deviceUpdated),
  fields,
  entity: (values) => {
    const { attributes = {}, lastUsed, appVersion } = values
    return {
      type: 'person',
      action: 'add_device',
      identifiers: personIdentifiers(values),
      device: {
        token: values.deviceId,
        platform: values.platform.toLowerCase(),
        last_used: isFilled(lastUsed) ? toSeconds(lastUsed) : undefined,
        attributes: {
          ...(values.convertTimestamp ? convertTimes(attributes) : attributes),
          ...(isFilled(appVersion) && { app_version: appVersion }),
        },
      },
    }
  },
  examples: [
    {
      title: 'An app was installed',
      message: exampleMessage({
        type: 'track',
        event: 'Application Installed',
        properties: { build: '1', installed_at: '2026-01-02T03:04:05.000Z' },
        context: { device: { token: 'tok', type: 'ios' }, app: { version: '1.2' } },
      }),
      requests: [
        {
          type: 'person',
          action: 'add_device',
          device: {
            token: 'tok',
            platform: 'ios',
            last_used: 1_767_323_045,
            attributes: { build: '1', installed_at: 1_767_323_045, app_version: '1.2' },
          },
          identifiers: { id: 'u-1' },
        },
      ],
    },
  ],
})
