import type { JsonObject, MessageType } from '@millrace/protocol'
import type { Random } from './random.ts'

/**
 * Realistic messages as a browser client sends them, about 1 KB each. Same random, same messages. `people` says how many
 * different visitors there are; about half of them are signed in.
 * @example
 * const messages = messageFactory(seededRandom(1))
 * messages.track({ event: 'Signed Up' })
 * Array.from({ length: 50 }, () => messages.any())
 */
export interface MessageFactory {
  identify(overrides?: JsonObject): JsonObject
  track(overrides?: JsonObject): JsonObject
  page(overrides?: JsonObject): JsonObject
  screen(overrides?: JsonObject): JsonObject
  group(overrides?: JsonObject): JsonObject
  alias(overrides?: JsonObject): JsonObject
  /** A mix as sites send it: mostly track and page. */
  any(overrides?: JsonObject): JsonObject
}

export interface MessageFactoryOptions {
  /** Default 100. */
  people?: number
  /** The client's clock at the first message; each message is up to 2 s later. Default 2026-03-01T08:00:00Z. */
  startMs?: number
}

export const messageFactory = (random: Random, options: MessageFactoryOptions = {}): MessageFactory => {
  const people = Array.from({ length: options.people ?? 100 }, (_, index) => person(random, index))
  let clockMs = options.startMs ?? Date.UTC(2026, 2, 1, 8)

  const message = (type: MessageType, own: (who: Person) => JsonObject, overrides: JsonObject = {}): JsonObject => {
    const who = random.pick(people)
    clockMs += random.integer(2000)
    const time = new Date(clockMs).toISOString()
    return {
      type,
      messageId: `ajs-next-${random.uuid()}`,
      anonymousId: who.anonymousId,
      ...(who.userId === undefined ? {} : { userId: who.userId }),
      ...own(who),
      context: contextOf(random, who),
      integrations: {},
      timestamp: time,
      originalTimestamp: time,
      sentAt: new Date(clockMs + 40 + random.integer(400)).toISOString(),
      ...overrides,
    }
  }

  const factory: MessageFactory = {
    identify: (overrides) =>
      message('identify', (who) => ({ userId: who.userId ?? `user-${who.index}`, traits: traitsOf(who) }), overrides),
    track: (overrides) =>
      message('track', () => ({ event: random.pick(eventNames), properties: productOf(random) }), overrides),
    page: (overrides) => message('page', () => ({ name: 'Product', properties: pageOf(random) }), overrides),
    screen: (overrides) =>
      message('screen', () => ({ name: 'Checkout', properties: { variant: random.pick(['a', 'b']) } }), overrides),
    group: (overrides) =>
      message(
        'group',
        (who) => ({
          groupId: `account-${who.index % 10}`,
          traits: { name: `Account ${who.index % 10}`, plan: 'team' },
        }),
        overrides,
      ),
    alias: (overrides) =>
      message(
        'alias',
        (who) => ({ userId: who.userId ?? `user-${who.index}`, previousId: who.anonymousId }),
        overrides,
      ),
    any: (overrides) => factory[random.pick(mix)](overrides),
  }
  return factory
}

interface Person {
  index: number
  anonymousId: string
  userId?: string
  userAgent: string
}

const person = (random: Random, index: number): Person => ({
  index,
  anonymousId: random.uuid(),
  ...(index % 2 === 0 ? { userId: `user-${index}` } : {}),
  userAgent: random.pick(userAgents),
})

const mix: readonly MessageType[] = ['track', 'track', 'track', 'track', 'page', 'page', 'page', 'identify', 'screen']
const eventNames = ['Product Viewed', 'Product Added', 'Order Completed', 'Signed Up', 'Article Läst', '商品を見た']
const userAgents = [
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0',
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36',
]

const traitsOf = (who: Person): JsonObject => ({
  email: `person${who.index}@example.com`,
  firstName: 'Åsa',
  lastName: `Nr ${who.index}`,
  plan: who.index % 3 === 0 ? 'premium' : 'free',
  logins: who.index,
  address: { city: 'Malmö', country: 'Sweden', postalCode: '211 20' },
})

const productOf = (random: Random): JsonObject => ({
  product_id: random.hex(24),
  sku: `G-${random.integer(1000)}`,
  category: 'Games',
  name: 'Monopoly: 3rd Edition',
  price: Math.round(random.next() * 10_000) / 100,
  quantity: 1 + random.integer(4),
  currency: 'EUR',
  coupon: null,
  products: [{ product_id: random.hex(24), price: 19, tags: ['board', 'family'] }],
})

const pageOf = (random: Random): JsonObject => {
  const path = `/products/${random.integer(500)}`
  return {
    path,
    title: 'Monopoly – Shop',
    url: `https://shop.example.com${path}?ref=home`,
    referrer: 'https://shop.example.com/',
    search: '?ref=home',
  }
}

const contextOf = (random: Random, who: Person): JsonObject => ({
  page: pageOf(random),
  userAgent: who.userAgent,
  locale: 'sv-SE',
  timezone: 'Europe/Stockholm',
  library: { name: 'analytics.js', version: 'next-1.70.0' },
  screen: { width: 1440, height: 900, density: 2 },
  campaign: { name: 'spring', source: 'newsletter', medium: 'email' },
})
