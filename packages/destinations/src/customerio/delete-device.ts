import { defineFields } from '@millrace/component-kit'
import { defineEntityAction } from './entity-action.ts'
import { exampleMessage } from './example-message.ts'
import { personIdentifiers } from './identifiers.ts'
import { personId } from './shared-fields.ts'
import { onEvents, specialEvents } from './triggers.ts'

const fields = defineFields({
  ...personId,
  deviceId: {
    type: 'string',
    label: 'Device token',
    description: 'The token of the device to remove.',
    example: 'tok',
    required: true,
    default: { '@path': '$.context.device.token' },
  },
})

export const deleteDevice = defineEntityAction({
  title: 'Delete Device',
  description: 'Remove a device from a person.',
  trigger: onEvents(specialEvents.deviceDeleted),
  fields,
  entity: (values) => ({
    type: 'person',
    action: 'delete_device',
    identifiers: personIdentifiers(values),
    device: { token: values.deviceId },
  }),
  examples: [
    {
      title: 'An app was removed',
      message: exampleMessage({
        type: 'track',
        event: 'Application Uninstalled',
        context: { device: { token: 'tok', type: 'ios' } },
      }),
      requests: [{ type: 'person', action: 'delete_device', device: { token: 'tok' }, identifiers: { id: 'u-1' } }],
    },
  ],
})
