// A shop's server: a visitor looks around, then gives a name. Run it with: node examples/anonymous-then-identified/node.mjs
import { Analytics } from '@segment/analytics-node'

const analytics = new Analytics({
  writeKey: process.env.MILLRACE_WRITE_KEY ?? 'wk_web',
  host: process.env.MILLRACE_URL ?? 'http://127.0.0.1:8420',
})

// Nobody is known yet. The anonymousId is that of the browser, from its cookie ajs_anonymous_id.
const anonymousId = 'browser-5'
const sencha = { product_id: 'p-3', name: 'Sencha 100 g', price: 8.5 }

analytics.track({ anonymousId, event: 'Product Viewed', properties: sencha })
analytics.track({ anonymousId, event: 'Product Added', properties: { ...sencha, cart_id: 'cart-8', quantity: 1 } })

// Now they sign up. One identify with both ids joins what was before to what comes after.
const userId = 'user-501'
analytics.identify({ userId, anonymousId, traits: { email: 'finn@example.com' } })
analytics.track({
  userId,
  anonymousId,
  event: 'Order Completed',
  properties: { order_id: 'order-31', total: 8.5, currency: 'EUR', products: [{ ...sencha, quantity: 1 }] },
})

await analytics.closeAndFlush()
