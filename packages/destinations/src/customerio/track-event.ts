import { defineFields } from '@millrace/component-kit'
import { defineEntityAction } from './entity-action.ts'
import { eventEntity, eventFields } from './event-entity.ts'
import { exampleMessage } from './example-message.ts'
import { onPlainEvents } from './triggers.ts'

const fields = defineFields({
  name: {
    type: 'string',
    label: 'Event name',
    description: 'The name of the event; of a standard event its standard name, whatever it was sent as.',
    example: 'Signed Up',
    required: true,
    default: { '@path': '$.standard.event' },
  },
  ...eventFields,
})

export const trackEvent = defineEntityAction({
  title: 'Track Event',
  description: 'Track an event of a person, known or anonymous.',
  trigger: onPlainEvents,
  fields,
  entity: (values) => eventEntity('event', values.name, values),
  examples: [
    {
      title: 'An event of a known person',
      message: exampleMessage({ type: 'track', event: 'Signed Up', properties: { plan: 'pro' } }),
      requests: [
        {
          type: 'person',
          action: 'event',
          name: 'Signed Up',
          id: 'm-1',
          attributes: { plan: 'pro', anonymous_id: 'anon-1' },
          timestamp: 1_767_323_045,
          identifiers: { id: 'u-1' },
        },
      ],
    },
    {
      title: 'An event of an anonymous person, with times in its properties',
      message: exampleMessage({
        userId: null,
        type: 'track',
        event: 'Signed Up',
        properties: { d: '2025-01-01', n: '1735689600', x: '2025-01-01T10:00', a: ['2025-01-01T00:00:00Z'] },
      }),
      requests: [
        {
          type: 'person',
          action: 'event',
          name: 'Signed Up',
          id: 'm-1',
          attributes: { d: 1_735_689_600, n: '1735689600', x: 1_735_725_600, a: ['2025-01-01T00:00:00Z'] },
          timestamp: 1_767_323_045,
          identifiers: { anonymous_id: 'anon-1' },
        },
      ],
    },
  ],
})
