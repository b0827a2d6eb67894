/** Checked by the compiler: the generated types are those of the dictionary, and plans complete and check what they list. */
import type { PropertiesOf, StandardEventName } from '@millrace/protocol'
import { cartViewed, orderCompleted, trialStarted } from './index.ts'
import type { AnyEvents, EventName, EventProperties, KnownName, StandardEvents, TrackedEvent } from './index.ts'

/* oxlint-disable typescript/no-unnecessary-type-parameters -- the known way to compare two types is such a function */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <_T extends true>(): void => {}
/* oxlint-enable typescript/no-unnecessary-type-parameters */

// Every event of the dictionary has its type, and no other.
holds<Same<keyof StandardEvents, StandardEventName>>()

// What follows the dictionary is right for the type: of how many events is it not?
type Wider = { [N in StandardEventName]: PropertiesOf<N> extends StandardEvents[N] ? never : N }[StandardEventName]
holds<Same<Wider, 'Video Playback Started'>>() // the items of its `ad_type` are choices here, anything there

// And a property of the type is right for the dictionary, but for `undefined`, read-only lists and times as `Date`.
type Plain<T> = T extends undefined | Date
  ? never
  : T extends readonly (infer I)[]
    ? Plain<I>[]
    : T extends object
      ? { [K in KnownName<T>]?: Plain<T[K]> }
      : T
type Narrower = {
  [N in StandardEventName]: Plain<StandardEvents[N]> extends PropertiesOf<N> ? never : N
}[StandardEventName]
holds<Same<Narrower, never>>()

// Names and properties of an open plan.
holds<Same<KnownName<AnyEvents>, StandardEventName>>()
holds<Same<EventProperties<AnyEvents, 'Order Completed'>, StandardEvents['Order Completed']>>()
export const anyName: EventName<AnyEvents> = 'Song Played'

/** As `track` of the SDKs is declared. */
declare const track: <N extends EventName<AnyEvents>>(event: N, properties?: EventProperties<AnyEvents, N>) => void
track('Order Completed', {
  order_id: 'o-1',
  total: 12.5,
  currency: undefined,
  gift: true,
  products: [{ price: 2, size: 'L' }],
})
track('Trial Started', { trial_start_date: new Date(0), trial_end_date: '2026-01-01' })
track('Song Played', { seconds: 5, rating: null })
track('Song Played')
track('Order Completed')
declare const someName: string
track(someName, { total: 'any' })
// @ts-expect-error an amount is a number
track('Order Completed', { total: '12.50' })
// @ts-expect-error a price inside of a product is a number, too
track('Order Completed', { products: [{ price: '2' }] })
// @ts-expect-error there is no fourth quartile
track('Video Ad Playing', { quartile: 4 })
// @ts-expect-error properties are an object
track('Song Played', 5)

/** A plan of one's own is closed, unless it extends `AnyEvents`. */
interface MyEvents {
  'Song Played': { title: string; seconds?: number }
  'Song Skipped': Record<string, never>
}
interface MoreEvents extends AnyEvents, MyEvents {}
interface BothEvents extends StandardEvents, MyEvents {}
holds<Same<EventName<MyEvents>, 'Song Played' | 'Song Skipped'>>()
holds<Same<EventName<BothEvents>, StandardEventName | 'Song Played' | 'Song Skipped'>>()
export const other: EventName<MoreEvents> = 'Other'
// @ts-expect-error the plan has no such event
export const unknown: EventName<MyEvents> = 'Order Completed'
// @ts-expect-error a title is required
export const incomplete: EventProperties<MyEvents, 'Song Played'> = { seconds: 5 }

// Helpers.
holds<Same<ReturnType<typeof orderCompleted>, TrackedEvent<'Order Completed', StandardEvents['Order Completed']>>>()
orderCompleted({ total: 5, gift: true })
trialStarted()
// @ts-expect-error a cart has a list of products
cartViewed({ products: { sku: 'a' } })
