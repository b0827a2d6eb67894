import { defineEvents } from './define-events.ts'
import {
  cartId,
  checkoutId,
  coupon,
  couponDiscount,
  couponName,
  currency,
  describedProduct,
  order,
  orderId,
  product,
  share,
  shipment,
  shownProducts,
  total,
  wishlist,
} from './ecommerce-properties.ts'

const listId = { type: 'string', description: 'Id of the list.' } as const
const listCategory = { type: 'string', description: 'Category that the list shows.' } as const
const listOption = {
  type: { type: 'string', description: 'What is filtered or sorted by.' },
  value: { type: 'string', description: 'Value that was chosen.' },
} as const

const promotion = {
  promotion_id: { type: 'string', description: 'Id of the promotion.' },
  creative: { type: 'string', description: 'Banner or artwork.' },
  name: { type: 'string', description: 'Name of the promotion.' },
  position: { type: 'string', description: 'Place on the page.' },
} as const

const checkoutStep = {
  checkout_id: checkoutId,
  step: { type: 'number', description: 'Number of the step.' },
  ...shipment,
} as const

export const ecommerceEvents = defineEvents({
  'Products Searched': {
    description: 'A search for products.',
    properties: {
      query: { type: 'string', accepts: ['object'], description: 'Words, or a structured query.' },
    },
  },
  'Product List Viewed': {
    aliases: ['Viewed Product List', 'Viewed Product Category'],
    description: 'A list or category of products was looked at.',
    properties: { list_id: listId, category: listCategory, products: shownProducts },
  },
  'Product List Filtered': {
    description: 'A list of products was filtered or sorted.',
    properties: {
      list_id: listId,
      category: listCategory,
      filters: { type: 'array', description: 'Filters in use.', properties: listOption },
      sorts: { type: 'array', description: 'Sort orders in use.', properties: listOption },
      products: shownProducts,
    },
  },
  'Promotion Viewed': {
    aliases: ['Viewed Promotion'],
    description: 'A promotion was shown.',
    properties: promotion,
  },
  'Promotion Clicked': {
    aliases: ['Clicked Promotion'],
    description: 'A promotion was followed.',
    properties: promotion,
  },
  'Product Clicked': {
    aliases: ['Clicked Product'],
    description: 'An item of a list was chosen.',
    properties: product,
  },
  'Product Viewed': {
    aliases: ['Viewed Product'],
    description: 'The details of an item were looked at.',
    properties: { ...product, currency, value: { type: 'number', description: 'Price times quantity.' } },
  },
  'Product Added': {
    aliases: ['Added Product'],
    description: 'An item was put into the cart.',
    properties: { cart_id: cartId, ...product },
  },
  'Product Removed': {
    aliases: ['Removed Product'],
    description: 'An item was taken out of the cart.',
    properties: { cart_id: cartId, ...product },
  },
  'Cart Viewed': {
    aliases: ['Viewed Cart'],
    description: 'The cart was looked at.',
    properties: { cart_id: cartId, products: shownProducts },
  },
  'Checkout Started': {
    aliases: ['Started Checkout', 'Started Order'],
    description: 'A checkout was begun.',
    properties: { ...order, value: { type: 'number', description: 'Amount after discounts and coupons.' } },
  },
  'Checkout Step Viewed': {
    aliases: ['Viewed Checkout Step'],
    description: 'A step of the checkout was reached.',
    properties: checkoutStep,
  },
  'Checkout Step Completed': {
    aliases: ['Completed Checkout Step'],
    description: 'A step of the checkout was done.',
    properties: checkoutStep,
  },
  'Payment Info Entered': {
    description: 'Payment details were given and accepted.',
    properties: { ...checkoutStep, order_id: orderId },
  },
  'Order Updated': {
    aliases: ['Updated Order'],
    description: 'An order was changed.',
    properties: { ...order, total },
  },
  'Order Completed': {
    aliases: ['Completed Order'],
    description: 'An order was placed.',
    properties: {
      checkout_id: checkoutId,
      ...order,
      subtotal: { type: 'number', description: 'Amount after discounts, before shipping and tax.' },
      total,
    },
  },
  'Order Refunded': {
    description: 'An order was paid back, whole or in part.',
    properties: {
      order_id: orderId,
      total: { type: 'number', description: 'Amount paid back.' },
      currency,
      products: { type: 'array', description: 'Lines that are paid back.', properties: product },
    },
  },
  'Order Cancelled': {
    description: 'An order was cancelled.',
    properties: { ...order, total },
  },
  'Coupon Entered': {
    description: 'A discount code was entered.',
    properties: coupon,
  },
  'Coupon Applied': {
    description: 'A discount code was accepted.',
    properties: { ...coupon, coupon_name: couponName, discount: couponDiscount },
  },
  'Coupon Denied': {
    description: 'A discount code was refused.',
    properties: {
      ...coupon,
      coupon_name: couponName,
      reason: { type: 'string', description: 'Why it was refused.' },
    },
  },
  'Coupon Removed': {
    description: 'A discount code was taken back.',
    properties: { ...coupon, coupon_name: couponName, discount: couponDiscount },
  },
  'Product Added to Wishlist': {
    description: 'An item was put on a wish list.',
    properties: { ...wishlist, ...product },
  },
  'Product Removed from Wishlist': {
    description: 'An item was taken off a wish list.',
    properties: { ...wishlist, ...product },
  },
  'Wishlist Product Added to Cart': {
    description: 'An item of a wish list was put into the cart.',
    properties: { ...wishlist, cart_id: cartId, ...product },
  },
  'Product Shared': {
    description: 'An item was shown to someone else.',
    properties: { ...share, ...describedProduct },
  },
  'Cart Shared': {
    description: 'A cart was shown to someone else.',
    properties: {
      ...share,
      cart_id: cartId,
      products: {
        type: 'array',
        description: 'Items of the cart.',
        properties: { product_id: describedProduct.product_id },
      },
    },
  },
  'Product Reviewed': {
    description: 'A review of an item was written.',
    properties: {
      product_id: { type: 'string', description: 'Id of the item.' },
      review_id: { type: 'string', description: 'Id of the review.' },
      review_body: { type: 'string', description: 'Text of the review.' },
      rating: { type: 'string', description: 'Rating; text, by specification.' },
    },
  },
})
