/** The message that the rows send: a track event of about 950 bytes, as web shops send them. */
export const benchMessage = (messageId: string): object => ({
  type: 'track',
  event: 'Order Completed',
  messageId,
  anonymousId: personOf(messageId),
  timestamp: '2026-11-23T10:00:00.000Z',
  properties: {
    order_id: 'o-1001',
    total: 30.5,
    revenue: 25,
    tax: 2,
    shipping: 3,
    currency: 'USD',
    note: 'leave it at the door, please; ring twice, the bell is broken and the dog is friendly. '.repeat(2),
    products: [
      {
        product_id: 'p1',
        sku: 's1',
        name: 'Mug',
        brand: 'B',
        category: 'Home',
        variant: 'Red',
        price: 10,
        quantity: 2,
      },
      {
        product_id: 'p2',
        sku: 's2',
        name: 'Pen',
        brand: 'B',
        category: 'Desk',
        variant: 'Blue',
        price: 5,
        quantity: 1,
      },
    ],
  },
  context: {
    page: {
      url: 'https://shop.example/thanks',
      path: '/thanks',
      title: 'Thank you',
      referrer: 'https://shop.example/pay',
    },
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    library: { name: 'analytics.js', version: '2.11.1' },
  },
})

/** A track event of about 300 bytes, for the row whose backlog of millions would fill the disk otherwise. */
export const smallMessage = (messageId: string): object => ({
  type: 'track',
  event: 'Page Scrolled',
  messageId,
  anonymousId: personOf(messageId),
  timestamp: '2026-11-23T10:00:00.000Z',
  properties: { depth: 75, section: 'reviews' },
  context: { page: { path: '/products/mug' }, library: { name: 'analytics.js', version: '2.11.1' } },
})

/** Digits of the number at the end of a messageId. */
export const ID_DIGITS = 12
export const idOf = (number: number): string => `bench-${String(number).padStart(ID_DIGITS, '0')}`

/** How many people the messages are from, one after the other. */
export const PEOPLE = 10_000
/** Digits of the number in an anonymousId; the same as at the end of the messageId, so that a generator can write both. */
export const PERSON_DIGITS = 6
export const personOf = (messageId: string): string => `anon-${messageId.slice(-PERSON_DIGITS)}-4f9c-8a51-0d1f5e2a77c3`
