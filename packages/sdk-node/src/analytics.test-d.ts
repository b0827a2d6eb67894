/** Checked by the compiler: what calls complete and check. */
import { orderCompleted } from '@millrace/events'
import type { AnyEvents, StandardEvents } from '@millrace/events'
import { createAnalytics } from './index.ts'
import type { Analytics } from './index.ts'

const open = createAnalytics({ writeKey: 'wk', host: 'https://events.example.com' })
const userId = 'user-1'

// Standard events, with further properties; any other event; a name that is known only when it runs.
open.track({
  userId,
  event: 'Order Completed',
  properties: { total: 5, products: [{ price: 2, size: 'L' }], gift: true },
})
open.track({ userId, event: 'Order Completed' })
open.track({ userId, event: 'Tea Brewed', properties: { minutes: 3, at: new Date(0) } })
open.track({ userId, event: 'Tea Brewed' })
declare const name: string
open.track({ userId, event: name, properties: { total: 'any' } })
open.track({ userId, ...orderCompleted({ total: 5 }) })
open.track(
  { anonymousId: 'a', event: 'Tea Brewed', timestamp: new Date(0), integrations: { All: false, hook: { a: 1 } } },
  (error, context) => {
    const code: 'refused' | undefined = error?.code === 'refused' ? error.code : undefined
    return [code, context.event.type]
  },
)

// @ts-expect-error an amount is a number
open.track({ userId, event: 'Order Completed', properties: { total: '5' } })
// @ts-expect-error a price inside of a product is a number, too
open.track({ userId, event: 'Order Completed', properties: { products: [{ price: '2' }] } })
// @ts-expect-error a track call has an event
open.track({ userId, properties: {} })
// @ts-expect-error a group call has a groupId
open.group({ userId })
// @ts-expect-error an alias has both ids
open.alias({ userId })
// @ts-expect-error no such option
open.page({ userId, nam: 'Home' })
// @ts-expect-error an email is a text
open.identify({ userId, traits: { email: 5 } })

interface Skipped {
  after?: number
}
interface MyEvents {
  'Song Played': { title: string; seconds?: number }
  'Song Skipped': Skipped
}
const mine = createAnalytics<MyEvents>({ writeKey: 'wk', host: 'https://events.example.com' })
mine.track({ userId, event: 'Song Played', properties: { title: 'Tea for Two' } })
mine.track({ userId, event: 'Song Skipped' })
// @ts-expect-error the plan has no such event
mine.track({ userId, event: 'Order Completed', properties: { total: 5 } })
// @ts-expect-error a title is required
mine.track({ userId, event: 'Song Played', properties: { seconds: 5 } })
// @ts-expect-error and so are the properties that have it
mine.track({ userId, event: 'Song Played' })
// @ts-expect-error the plan has no such property
mine.track({ userId, event: 'Song Played', properties: { title: 'Tea for Two', artist: 'x' } })

interface BothEvents extends StandardEvents, MyEvents {}
interface AllEvents extends AnyEvents, MyEvents {}
declare const both: Analytics<BothEvents>
declare const all: Analytics<AllEvents>
both.track({ userId, event: 'Order Completed', properties: { total: 5 } })
both.track({ userId, event: 'Song Played', properties: { title: 'Tea for Two' } })
all.track({ userId, event: 'Tea Brewed', properties: { minutes: 3 } })
all.track({ userId, event: 'Song Skipped', properties: { after: 3 } })
// @ts-expect-error neither has such an event
both.track({ userId, event: 'Tea Brewed' })
// @ts-expect-error an open plan checks what it lists
all.track({ userId, event: 'Song Played', properties: { title: 5 } })

open.on('error', ({ code, ctx }) => [code, ctx?.id])
open.once('track', (context) => context.event.event)
// @ts-expect-error no such event of the client
open.on('eror', () => undefined)
