import { defineFields } from '@millrace/component-kit'
import { defineEntityAction } from './entity-action.ts'
import { eventEntity } from './event-entity.ts'
import { exampleMessage } from './example-message.ts'
import { anonymousId, convertTimestamp, timestamp } from './shared-fields.ts'
import { onEvents, specialEvents } from './triggers.ts'

const fields = defineFields({
  actionType: {
    type: 'string',
    label: 'Action type',
    description: 'What was done with the content.',
    example: 'viewed_content',
    choices: ['viewed_content', 'clicked_content'],
    required: true,
    default: { '@path': '$.properties.actionType' },
  },
  ...anonymousId,
  ...timestamp,
  data: {
    type: 'object',
    label: 'Attributes',
    description: 'Which content it was, by contentId, templateId or trackingId.',
    example: { contentId: 42 },
    default: { '@path': '$.properties' },
  },
  ...convertTimestamp,
})

export const reportContentEvent = defineEntityAction({
  title: 'Report Content Event',
  description: 'Report that an anonymous in-app message was viewed or clicked.',
  trigger: onEvents(specialEvents.contentReported),
  fields,
  entity: ({ actionType, data, ...values }) => {
    const { actionType: _actionType, ...rest } = data ?? {}
    return eventEntity(actionType, actionType, { ...values, data: rest })
  },
  examples: [
    {
      title: 'An anonymous message was viewed',
      message: exampleMessage({
        userId: null,
        type: 'track',
        event: 'Report Content Event',
        properties: { actionType: 'viewed_content', trackingId: 't-1' },
      }),
      requests: [
        {
          type: 'person',
          action: 'viewed_content',
          name: 'viewed_content',
          attributes: { trackingId: 't-1' },
          timestamp: 1_767_323_045,
          identifiers: { anonymous_id: 'anon-1' },
        },
      ],
    },
  ],
})
