import { defineProperties } from '../property.ts'

/** Properties that several ecommerce events share. */

export const describedProduct = defineProperties({
  product_id: { type: 'string', description: 'Key of the item in the catalogue.', aliases: ['id'] },
  sku: { type: 'string', description: 'Stock-keeping code that others see; may equal product_id.' },
  category: { type: 'string', description: 'Section of the catalogue that holds the item.' },
  name: { type: 'string', description: 'Name that shoppers see.' },
  brand: { type: 'string', description: 'Brand of the item.' },
  variant: { type: 'string', description: 'Colour, size or other variant.' },
  price: { type: 'number', description: 'Price of one unit.' },
  url: { type: 'url', description: 'Page of the item.' },
  image_url: { type: 'url', description: 'Picture of the item.' },
})

export const product = defineProperties({
  ...describedProduct,
  quantity: { type: 'number', description: 'Number of units.' },
  coupon: { type: 'string', description: 'Discount code used for this item.' },
  position: { type: 'number', description: 'Place of the item in its list.' },
})

export const cartId = { type: 'string', description: 'Id of the cart.' } as const
export const orderId = { type: 'string', description: 'Id of the order.', aliases: ['orderId'] } as const
export const checkoutId = { type: 'string', description: 'Id of the checkout.' } as const
export const currency = { type: 'string', description: 'Currency, by ISO 4217.' } as const
export const shownProducts = { type: 'array', description: 'Items that were shown.', properties: product } as const

export const shipment = defineProperties({
  shipping_method: { type: 'string', description: 'How it is to be delivered.' },
  payment_method: { type: 'string', description: 'How it is to be paid.' },
})

/** Amounts and lines of an order or of a checkout. */
export const order = defineProperties({
  order_id: orderId,
  affiliation: { type: 'string', description: 'Shop or partner that made the sale.' },
  revenue: { type: 'number', description: 'Income without shipping and tax.' },
  shipping: { type: 'number', description: 'Cost of delivery.' },
  tax: { type: 'number', description: 'Tax.' },
  discount: { type: 'number', description: 'Amount taken off.' },
  coupon: { type: 'string', description: 'Discount code used for the whole order.' },
  currency,
  products: { type: 'array', description: 'Lines of the order.', properties: product },
})

export const total = {
  type: 'number',
  description: 'Amount to pay; whether discounts are taken off is for the sender to decide.',
} as const

export const coupon = defineProperties({
  order_id: orderId,
  cart_id: cartId,
  coupon_id: { type: 'string', description: 'Id of the discount code.' },
})
export const couponName = { type: 'string', description: 'Name of the discount code.' } as const
export const couponDiscount = { type: 'number', description: 'Amount that the code takes off.' } as const

export const wishlist = defineProperties({
  wishlist_id: { type: 'string', description: 'Id of the wish list.' },
  wishlist_name: { type: 'string', description: 'Name of the wish list.' },
})

export const share = defineProperties({
  share_via: { type: 'string', description: 'Way it was shared, such as email.' },
  share_message: { type: 'string', description: 'Text added by the sharer.' },
  recipient: { type: 'string', description: 'Who it was shared with.' },
})
