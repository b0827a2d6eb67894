import type { InferProperties } from '../property.ts'
import { abTestingEvents } from './ab-testing.ts'
import { b2bSaasEvents } from './b2b-saas.ts'
import type { EventSpec } from './define-events.ts'
import { ecommerceEvents } from './ecommerce.ts'
import { emailEvents } from './email.ts'
import { liveChatEvents } from './live-chat.ts'
import { mobileEvents } from './mobile.ts'
import { videoEvents } from './video.ts'

const eventsByCategory = {
  Ecommerce: ecommerceEvents,
  'B2B SaaS': b2bSaasEvents,
  Email: emailEvents,
  'Live Chat': liveChatEvents,
  Mobile: mobileEvents,
  Video: videoEvents,
  'A/B Testing': abTestingEvents,
} as const satisfies Record<string, Readonly<Record<string, EventSpec>>>

type Dictionary = typeof ecommerceEvents &
  typeof b2bSaasEvents &
  typeof emailEvents &
  typeof liveChatEvents &
  typeof mobileEvents &
  typeof videoEvents &
  typeof abTestingEvents

export type EventCategory = keyof typeof eventsByCategory
export type StandardEventName = keyof Dictionary

/** An entry of the dictionary: an event with a meaning that vendors and destinations share. */
export interface StandardEvent extends EventSpec {
  readonly name: StandardEventName
  readonly category: EventCategory
}

/**
 * What the properties of a standard event look like when they follow the dictionary. Clients may send others beside them,
 * and may send other types: check with `violationsOf`.
 *
 * @example const properties: PropertiesOf<'Order Completed'> = { order_id: 'o-1', total: 12.5, currency: 'EUR' }
 */
export type PropertiesOf<N extends StandardEventName> = InferProperties<Dictionary[N]['properties']>

/** The dictionary in reading order, category by category. */
export const standardEvents: readonly StandardEvent[] = Object.entries(eventsByCategory).flatMap(([category, events]) =>
  Object.entries<EventSpec>(events).map(([name, spec]) => ({
    ...spec,
    name: name as StandardEventName,
    category: category as EventCategory,
  })),
)
