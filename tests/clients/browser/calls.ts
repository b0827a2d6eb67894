import type { JsonObject, MessageType } from '@millrace/protocol'
import type { PageCall } from './page-calls.ts'

/**
 * One call as the application writes it, and what must arrive because of it. `undefined` in `arrives` means: nothing, which
 * clients write as null or as an empty text as well.
 */
export interface Call extends PageCall {
  /** None: the call itself sends nothing. */
  arrives?: Arrival
}

export interface Arrival {
  type: MessageType
  userId?: string
  /** Where it is not the one that the client says it has at that moment. */
  anonymousId?: string
  groupId?: string
  previousId?: string
  event?: string
  name?: string
  category?: string
  /** Exactly these, but for page and screen, to which clients add. */
  properties?: JsonObject
  /** Exactly these. */
  traits?: JsonObject
  /** These beside the client's own. */
  integrations?: JsonObject
  context?: JsonObject
  /** The client's time, where the call sets it. */
  originalTimestamp?: string
}

const past = '2026-01-02T03:04:05.678Z'

export const traits: JsonObject = {
  email: 'ann@example.com',
  name: 'Ann Ångström',
  age: 42,
  premium: true,
  address: { city: 'Malmö', zip: '211 20' },
  tags: ['a', 'b'],
}
const company: JsonObject = { name: 'Example Ltd', employees: 12 }
export const order: JsonObject = {
  orderId: 'o-1',
  total: 99.5,
  count: 3,
  first: false,
  products: [{ sku: 'a', price: 1 }, { sku: 'b' }],
  shipping: { method: 'post', express: true },
  note: 'Zeile 1\nZeile 2 "zitiert" 😀',
}
const campaign: JsonObject = { campaign: { name: 'spring', source: 'newsletter' }, active: true }
const selected: JsonObject = { All: true, Elsewhere: { option: 1 } }

/** What differs between clients that share the signatures of analytics.js. */
export interface Dialect {
  /** The option by which a call sets its own time. */
  at: (time: string) => { timestamp: Date } | { originalTimestamp: string }
  /** Whether `screen` exists. */
  hasScreen: boolean
  /** Who arrives as userId of `alias(userId, previousId)` after an identify of `current`. */
  aliasedTo: (userId: string, current: string) => string
  /** What an identify with these traits carries, the ones remembered of earlier calls included. */
  identified: (traits: JsonObject) => Pick<Arrival, 'traits' | 'context'>
}

/** Every call with every argument, then with as few as it takes, then the calls that change who the person is. */
export const analyticsJsCalls = ({ at, hasScreen, aliasedTo, identified }: Dialect): Call[] => {
  // A function, because some clients write into what they are given.
  const options = () => ({ context: { ...campaign }, integrations: { ...selected }, ...at(past) })
  const whole = { integrations: selected, context: campaign, originalTimestamp: past }
  const { context: traitsContext = {}, ...own } = identified(traits)
  const screens: Call[] = [
    {
      method: 'screen',
      args: ['Shop', 'Checkout', { variant: 'b' }, options()],
      arrives: {
        type: 'screen',
        userId: 'user-1',
        name: 'Checkout',
        category: 'Shop',
        properties: { variant: 'b' },
        ...whole,
      },
    },
    {
      method: 'screen',
      args: ['Start'],
      arrives: { type: 'screen', userId: 'user-1', name: 'Start' },
    },
  ]
  return [
    { method: 'page', args: [], arrives: { type: 'page', properties: { title: 'Shop', search: '' } } },
    { method: 'track', args: ['Bare'], arrives: { type: 'track', event: 'Bare', properties: {} } },
    {
      method: 'identify',
      args: ['user-1', traits, options()],
      arrives: { type: 'identify', userId: 'user-1', ...own, ...whole, context: { ...campaign, ...traitsContext } },
    },
    {
      method: 'track',
      args: ['Order Completed', order, options()],
      arrives: { type: 'track', userId: 'user-1', event: 'Order Completed', properties: order, ...whole },
    },
    {
      method: 'page',
      args: ['Shop', 'Cart', { width: 1440, url: 'https://shop.example.com/cart' }, options()],
      arrives: {
        type: 'page',
        userId: 'user-1',
        name: 'Cart',
        category: 'Shop',
        properties: { width: 1440, url: 'https://shop.example.com/cart' },
        ...whole,
      },
    },
    { method: 'page', args: ['Start'], arrives: { type: 'page', userId: 'user-1', name: 'Start' } },
    ...(hasScreen ? screens : []),
    {
      method: 'group',
      args: ['group-1', company, options()],
      arrives: { type: 'group', userId: 'user-1', groupId: 'group-1', traits: company, ...whole },
    },
    { method: 'group', args: ['group-2'], arrives: { type: 'group', userId: 'user-1', groupId: 'group-2' } },
    {
      method: 'identify',
      args: [{ plan: 'pro' }],
      arrives: { type: 'identify', userId: 'user-1', ...identified({ ...traits, plan: 'pro' }) },
    },
    {
      method: 'alias',
      args: ['user-2', 'user-1', options()],
      arrives: { type: 'alias', userId: aliasedTo('user-2', 'user-1'), previousId: 'user-1', ...whole },
    },
    { method: 'setAnonymousId', args: ['chosen-by-the-shop'] },
    {
      method: 'track',
      args: ['Renamed'],
      arrives: { type: 'track', userId: 'user-1', anonymousId: 'chosen-by-the-shop', event: 'Renamed', properties: {} },
    },
    { method: 'reset', args: [] },
    { method: 'track', args: ['Somebody Else'], arrives: { type: 'track', event: 'Somebody Else', properties: {} } },
    { method: 'identify', args: ['user-3'], arrives: { type: 'identify', userId: 'user-3' } },
    {
      method: 'track',
      args: ['After Identify', { step: 2 }],
      arrives: { type: 'track', userId: 'user-3', event: 'After Identify', properties: { step: 2 } },
    },
  ]
}

/** Events that are told apart by their number, from one number up to another. */
export const countedTracks = (from: number, to: number): PageCall[] =>
  Array.from({ length: to - from }, (_, at) => ({ method: 'track', args: ['Counted', { index: from + at }] }))

/** The number of such an event; undefined for other messages. */
export const countOf = ({ event, properties }: JsonObject): number | undefined =>
  event === 'Counted' ? ((properties as JsonObject)['index'] as number) : undefined
