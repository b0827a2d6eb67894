import { defineFields } from '@millrace/component-kit'
import { defineEntityAction } from './entity-action.ts'
import { eventEntity, eventFields } from './event-entity.ts'
import { exampleMessage } from './example-message.ts'

const fields = defineFields({
  name: {
    type: 'string',
    label: 'Screen name',
    description: 'The name of the screen.',
    example: 'Main',
    required: true,
    default: { '@path': '$.name' },
  },
  ...eventFields,
})

export const trackScreenView = defineEntityAction({
  title: 'Track Screen View',
  description: 'Track a screen of an app that a person, known or anonymous, has viewed.',
  trigger: 'type = "screen"',
  fields,
  entity: (values) => eventEntity('screen', values.name, values),
  examples: [
    {
      title: 'A screen call',
      message: exampleMessage({ type: 'screen', name: 'Main', properties: { tab: 'a' } }),
      requests: [
        {
          type: 'person',
          action: 'screen',
          name: 'Main',
          attributes: { tab: 'a', anonymous_id: 'anon-1' },
          id: 'm-1',
          timestamp: 1_767_323_045,
          identifiers: { id: 'u-1' },
        },
      ],
    },
  ],
})
