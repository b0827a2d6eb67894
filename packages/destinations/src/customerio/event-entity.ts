import { defineFields } from '@millrace/component-kit'
import type { JsonObject } from '@millrace/protocol'
import { withAnonymousId, type Entity } from './entity.ts'
import { isFilled, personIdentifiers } from './identifiers.ts'
import { anonymousId, convertTimestamp, timestamp } from './shared-fields.ts'
import { convertTimes, toSeconds } from './timestamps.ts'

/** What the actions for events, pages and screens have in common, beside the field for the name. */
export const eventFields = defineFields({
  id: {
    type: 'string',
    label: 'Person ID',
    description: 'Which person: an id, an e-mail address, or an id of Customer.io behind "cio_".',
    example: 'u-1',
    default: { '@path': '$.userId' },
  },
  ...anonymousId,
  eventId: {
    type: 'string',
    label: 'Event ID',
    description: 'By this id Customer.io knows an event that it has already; it is documented for ids that are ULIDs.',
    example: 'm-1',
    default: { '@path': '$.messageId' },
  },
  ...timestamp,
  data: {
    type: 'object',
    label: 'Attributes',
    description: 'Attributes of the event; of a standard event by their standard names.',
    example: { plan: 'pro' },
    default: { '@path': '$.standard.properties' },
  },
  ...convertTimestamp,
})

interface EventValues {
  id?: string
  anonymousId?: string
  eventId?: string
  timestamp?: string
  data?: JsonObject
  convertTimestamp: boolean
}

/** An event, page or screen of a person, known or anonymous. */
export function eventEntity(action: string, name: string, values: EventValues): Entity {
  const identifiers = personIdentifiers({ personId: values.id, anonymousId: values.anonymousId })
  const attributes = values.data && values.convertTimestamp ? convertTimes(values.data) : values.data
  return {
    type: 'person',
    action,
    identifiers,
    name,
    id: isFilled(values.eventId) ? values.eventId : undefined,
    timestamp: isFilled(values.timestamp) ? toSeconds(values.timestamp) : undefined,
    attributes: withAnonymousId(attributes, values.anonymousId, identifiers),
  }
}
