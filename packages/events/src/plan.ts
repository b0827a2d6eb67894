import type { StandardEvents } from './standard-events.generated.ts'

/**
 * A *plan* is a type: an interface whose keys are names of events and whose values are their properties. What
 * `analytics.track` completes and checks is read off it. An open plan has an index signature: then any other name is allowed.
 *
 * @example
 * interface MyEvents {
 *   'Song Played': { title: string; seconds?: number }
 * }
 * const analytics = createAnalytics<MyEvents>({ writeKey }) // no other event compiles
 * interface MoreEvents extends StandardEvents, MyEvents {} // the standard events and one's own, and no other
 * interface OpenEvents extends AnyEvents, MyEvents {} // these, and any other
 */

/** The plan of who has none: the standard events with their properties, and any other event with any properties. */
export interface AnyEvents extends StandardEvents {
  [event: string]: object
}

/** The names that a plan lists, without its index signature. */
export type KnownName<P> = keyof { [N in keyof P as string extends N ? never : number extends N ? never : N]: true } &
  string

/** What may stand as the name of an event: with an open plan any text, and editors offer the names that are known. */
// oxlint-disable-next-line typescript/no-empty-object-type -- `string` itself would swallow the names beside it
export type EventName<P> = string extends keyof P ? KnownName<P> | (string & {}) : KnownName<P>

/** The properties of an event of a plan. */
export type EventProperties<P, N> = P[N & keyof P]

/** An event with its properties, as the helpers give it and as `track` takes it. */
export interface TrackedEvent<N, P> {
  event: N
  properties: P
}
