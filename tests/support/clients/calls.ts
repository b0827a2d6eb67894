import type { JsonObject, MessageType } from '@millrace/protocol'

/** What an application hands to a client's method; a Date where clients take one. */
export interface CallParameters {
  userId?: string
  anonymousId?: string
  groupId?: string
  previousId?: string
  event?: string
  name?: string
  category?: string
  properties?: JsonObject
  traits?: JsonObject
  context?: JsonObject
  integrations?: JsonObject
  timestamp?: Date
  messageId?: string
}

export interface Call {
  method: MessageType
  parameters: CallParameters
  /** Columns that the call's own fields get in the warehouse, beside those that all messages have. */
  columns: Record<string, string | number | boolean>
  /** What arrives otherwise than it was called: numbers as texts, and what the client itself changes. */
  arrives?: CallParameters
}

const past = new Date('2026-01-02T03:04:05.678Z')

/**
 * Every call with every field that the clients' documentation names, once with everything and once with as little as it
 * takes. All three clients take these same objects. Each has an id of its own, by which it is found at the other end.
 */
export const callsOf = (client: string): Call[] =>
  // Copies, because some clients write into what they are given.
  structuredClone(calls).map((call, index) => ({
    ...call,
    parameters: { ...call.parameters, messageId: `${client}-${String(index).padStart(3, '0')}-${call.method}` },
  }))

/** Many calls at once, so that a client makes several batches by its own rules. */
export const manyTracks = (prefix: string, count: number): Call[] =>
  Array.from({ length: count }, (_, index) => ({
    method: 'track' as const,
    parameters: {
      userId: `user-${index % 7}`,
      event: 'Counted',
      properties: { index },
      messageId: `${prefix}-many-${index}`,
    },
    columns: { event: 'counted', index },
  }))

/** Thirty messages that together have more than 900 KB, each just under the 32 KiB that one may have. */
export const largeTracks = (prefix: string): Call[] =>
  manyTracks(`${prefix}-large`, 30).map((call) => {
    const properties = { ...call.parameters.properties, filler: 'x'.repeat(31_000) }
    return { ...call, parameters: { ...call.parameters, properties } }
  })

/** An id that is a number, which some clients let through, and no messageId. */
export const numberedTrack = (): Call => ({
  method: 'track',
  parameters: { userId: 'user-n', anonymousId: 77 as unknown as string, event: 'Numbered' },
  columns: { event: 'numbered' },
  arrives: { anonymousId: '77' },
})

const calls: readonly Call[] = [
  {
    method: 'identify',
    parameters: {
      userId: 'user-1',
      anonymousId: 'anonymous-1',
      traits: {
        email: 'ann@example.com',
        name: 'Ann Ångström',
        age: 42,
        premium: true,
        address: { city: 'Malmö', zip: '211 20' },
        tags: ['a', 'b'],
        nickname: null,
      },
      context: { ip: '203.0.113.9', locale: 'sv-SE', campaign: { name: 'spring', source: 'newsletter' } },
      integrations: { All: true, Elsewhere: { option: 1 } },
      timestamp: past,
    },
    columns: {
      email: 'ann@example.com',
      name: 'Ann Ångström',
      age: 42,
      premium: true,
      address_city: 'Malmö',
      address_zip: '211 20',
      tags: '["a","b"]',
      context_ip: '203.0.113.9',
      context_locale: 'sv-SE',
      context_campaign_name: 'spring',
    },
  },
  { method: 'identify', parameters: { userId: 'user-2' }, columns: {} },
  {
    method: 'identify',
    parameters: { anonymousId: 'anonymous-3', traits: { plan: 'free' } },
    columns: { plan: 'free' },
  },
  {
    method: 'track',
    parameters: {
      userId: 'user-1',
      anonymousId: 'anonymous-1',
      event: 'Order Completed',
      properties: {
        orderId: 'o-1',
        total: 99.5,
        count: 3,
        first: false,
        products: [{ price: 1, sku: 'a' }, { sku: 'b' }],
        shipping: { method: 'post', express: true },
        note: 'Zeile 1\nZeile 2 "zitiert" 😀',
        coupon: null,
      },
      context: { ip: '2001:db8::1', page: { url: 'https://shop.example.com/?a=1&b=2', title: 'Kasse' }, active: true },
      integrations: { All: true },
      timestamp: past,
    },
    columns: {
      order_id: 'o-1',
      total: 99.5,
      count: 3,
      first: false,
      products: '[{"price":1,"sku":"a"},{"sku":"b"}]',
      shipping_method: 'post',
      shipping_express: true,
      note: 'Zeile 1\nZeile 2 "zitiert" 😀',
      event: 'order_completed',
      event_text: 'Order Completed',
      context_page_url: 'https://shop.example.com/?a=1&b=2',
      context_active: true,
    },
  },
  {
    method: 'track',
    parameters: { anonymousId: 'anonymous-4', event: 'Minimal' },
    columns: { event: 'minimal', event_text: 'Minimal' },
  },
  {
    method: 'page',
    parameters: {
      userId: 'user-1',
      anonymousId: 'anonymous-1',
      name: 'Cart',
      category: 'Shop',
      properties: { url: 'https://shop.example.com/cart', referrer: 'https://example.com/', width: 1440 },
      context: { userAgent: 'Example/1.0' },
      integrations: { All: true },
      timestamp: past,
    },
    columns: { name: 'Cart', category: 'Shop', url: 'https://shop.example.com/cart', width: 1440 },
  },
  { method: 'page', parameters: { anonymousId: 'anonymous-5' }, columns: {} },
  {
    method: 'screen',
    parameters: {
      userId: 'user-1',
      anonymousId: 'anonymous-1',
      name: 'Checkout',
      properties: { variant: 'b' },
      context: { app: { name: 'Shop', version: '1.2.3' } },
      integrations: { All: true },
      timestamp: past,
    },
    columns: { name: 'Checkout', variant: 'b', context_app_version: '1.2.3' },
  },
  { method: 'screen', parameters: { userId: 'user-6', name: 'Start' }, columns: { name: 'Start' } },
  {
    method: 'group',
    parameters: {
      userId: 'user-1',
      anonymousId: 'anonymous-1',
      groupId: 'group-1',
      traits: { name: 'Example Ltd', employees: 12, industry: 'Toys' },
      context: { timezone: 'Europe/Stockholm' },
      integrations: { All: true },
      timestamp: past,
    },
    columns: { group_id: 'group-1', name: 'Example Ltd', employees: 12, industry: 'Toys' },
  },
  { method: 'group', parameters: { anonymousId: 'anonymous-7', groupId: 'group-2' }, columns: { group_id: 'group-2' } },
  {
    method: 'alias',
    parameters: {
      userId: 'user-8',
      previousId: 'anonymous-8',
      context: { locale: 'de-AT' },
      integrations: { All: true },
      timestamp: past,
    },
    columns: { previous_id: 'anonymous-8' },
  },
  { method: 'alias', parameters: { userId: 'user-9', previousId: 'user-8' }, columns: { previous_id: 'user-8' } },
]
