// A shop's server where people put things into their cart. Run it with: node examples/added-to-cart/node.mjs
import { Analytics } from '@segment/analytics-node'

const analytics = new Analytics({
  writeKey: process.env.MILLRACE_WRITE_KEY ?? 'wk_web',
  host: process.env.MILLRACE_URL ?? 'http://127.0.0.1:8420',
})

const shopper = { id: 'user-201', email: 'cara@example.com' }
const cart = { id: 'cart-7' }

function addToCart(product, quantity) {
  const { product_id, sku, category, name, price } = product
  analytics.track({
    userId: shopper.id,
    event: 'Product Added',
    properties: { cart_id: cart.id, product_id, sku, category, name, price, quantity },
  })
}

analytics.identify({ userId: shopper.id, traits: { email: shopper.email } })
addToCart({ product_id: 'p-3', sku: 'TEA-003', category: 'Tea', name: 'Sencha 100 g', price: 8.5 }, 2)
addToCart({ product_id: 'p-9', sku: 'CUP-009', category: 'Cups', name: 'Stoneware cup', price: 14 }, 1)

await analytics.closeAndFlush()
