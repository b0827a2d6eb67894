/** Checked by the compiler: what calls complete and check. */
import { orderCompleted } from '@millrace/events'
import { createAnalytics as createCore } from './core.ts'
import { createAnalytics } from './index.ts'

const settings = { writeKey: 'wk', host: 'https://events.example.com' }
const open = createAnalytics(settings)

void open.track('Order Completed', { total: 5, products: [{ price: 2, size: 'L' }], gift: true })
void open.track('Order Completed')
void open.track('Tea Brewed', { minutes: 3 }, { timestamp: new Date(0) }, () => undefined)
void open.track(orderCompleted({ total: 5 }), { integrations: { All: false } })
void createCore(settings).track(orderCompleted({ total: 5 }))
// @ts-expect-error an amount is a number
void open.track('Order Completed', { total: '5' })

interface MyEvents {
  'Song Played': { title: string; seconds?: number }
}
const mine = createAnalytics<MyEvents>(settings)
void mine.track('Song Played', { title: 'Tea for Two' })
// @ts-expect-error the plan has no such event
void mine.track('Order Completed', { total: 5 })
// @ts-expect-error a title is required
void mine.track('Song Played', { seconds: 5 })
