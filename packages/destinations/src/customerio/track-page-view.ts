import { defineFields } from '@millrace/component-kit'
import { defineEntityAction } from './entity-action.ts'
import { eventEntity, eventFields } from './event-entity.ts'
import { exampleMessage } from './example-message.ts'

const fields = defineFields({
  url: {
    type: 'string',
    label: 'Page URL',
    description: 'The URL of the page: Customer.io takes it for the name of a page view.',
    example: 'https://shop.example/',
    required: true,
    default: { '@path': '$.properties.url' },
  },
  ...eventFields,
})

export const trackPageView = defineEntityAction({
  title: 'Track Page View',
  description: 'Track a page that a person, known or anonymous, has viewed.',
  trigger: 'type = "page"',
  fields,
  entity: (values) => eventEntity('page', values.url, values),
  examples: [
    {
      title: 'A page call',
      message: exampleMessage({
        type: 'page',
        name: 'Home',
        properties: { url: 'https://shop.example/', title: 'Home' },
        context: { page: { url: 'https://shop.example/', title: 'Home', referrer: 'https://r.example/' } },
      }),
      requests: [
        {
          type: 'person',
          action: 'page',
          name: 'https://shop.example/',
          attributes: { url: 'https://shop.example/', title: 'Home', anonymous_id: 'anon-1' },
          id: 'm-1',
          timestamp: 1_767_323_045,
          identifiers: { id: 'u-1' },
        },
      ],
    },
  ],
})
