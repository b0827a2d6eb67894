import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { beforeEach, mock, test } from 'node:test'
import { orderCompleted } from '@millrace/events'
import { createFakePage, createFakeStorage, settled } from './fake-page.ts'
import type { FakePage } from './fake-page.ts'
import { createAnalytics } from './index.ts'
import type { Settings } from './index.ts'
import { addressOf, replay } from './snippet-queue.ts'
import { version } from './version.ts'

beforeEach(() => {
  mock.timers.reset()
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.parse('2026-01-02T03:04:05Z') })
})

const settings: Settings = { writeKey: 'wk', host: 'https://events.example.com' }
const arrived = async (page: FakePage): Promise<FakePage['requests'][number]['messages']> => {
  for (let turn = 0; turn < 4; turn++) {
    mock.timers.tick(50)
    await settled()
  }
  return page.requests.flatMap(({ messages }) => messages)
}

test('on a server every call does nothing and nothing throws', async () => {
  const analytics = createAnalytics(settings, undefined)
  assert.equal(await analytics.track('Rendered'), undefined)
  assert.equal(await analytics.page(), undefined)
  assert.equal(analytics.user().anonymousId(), null)
})

test('calls before load are made then, in order', async () => {
  const page = createFakePage()
  const analytics = createAnalytics(undefined, page.win)
  void analytics.track('One')
  void analytics.identify('user-1')
  void analytics.track('Two')
  analytics.load('wk', { host: 'https://events.example.com' })
  assert.deepEqual(
    (await arrived(page)).map(({ type, event, userId }) => [type, event, userId]),
    [
      ['track', 'One', undefined],
      ['identify', undefined, 'user-1'],
      ['track', 'Two', 'user-1'],
    ],
  )
})

test('the userId of a message is the one at the time of the call', async () => {
  const page = createFakePage()
  const analytics = createAnalytics(settings, page.win)
  void analytics.identify('user-1')
  void analytics.track('One')
  void analytics.identify('user-2')
  void analytics.track('Two')
  void analytics.reset()
  void analytics.track('Three')
  const messages = await arrived(page)
  assert.deepEqual(
    messages.flatMap(({ event, userId }) => (event === undefined ? [] : [[event, userId]])),
    [
      ['One', 'user-1'],
      ['Two', 'user-2'],
      ['Three', undefined],
    ],
  )
  assert.equal(new Set(messages.map(({ anonymousId }) => anonymousId)).size, 3, 'each is another person')
})

test('takes over the ids that analytics.js has written', async () => {
  const storage = createFakeStorage()
  storage.setItem('ajs_anonymous_id', '"anonymous-1"')
  storage.setItem('ajs_user_id', '"user-1"')
  storage.setItem('ajs_user_traits', '{"plan":"pro"}')
  const page = createFakePage({ storage })
  const analytics = createAnalytics(settings, page.win)
  void analytics.identify({ seats: 2 })
  const [message] = await arrived(page)
  assert.equal(message?.['anonymousId'], 'anonymous-1')
  assert.equal(message?.['userId'], 'user-1')
  assert.deepEqual(message?.['traits'], { plan: 'pro', seats: 2 })
  assert.equal(page.cookies.get('ajs_anonymous_id'), 'anonymous-1', 'subdomains see it, too')
})

test('says where the call was made: canonical address, campaign, library', async () => {
  const page = createFakePage({ search: '?utm_campaign=spring&utm_source=mail', canonical: '/the-cart' })
  void createAnalytics(settings, page.win).page('Shop', 'Cart')
  const [message] = await arrived(page)
  const { context, name, category, properties } = message as { [field: string]: { [field: string]: unknown } }
  assert.deepEqual([name, category], ['Cart', 'Shop'])
  assert.equal(properties?.['url'], 'https://shop.example.com/the-cart?utm_campaign=spring&utm_source=mail')
  assert.deepEqual(context?.['campaign'], { name: 'spring', source: 'mail' })
  assert.deepEqual(context?.['library'], { name: '@millrace/browser', version })
  assert.equal(context?.['locale'], 'sv-SE')
})

test('takes what the helpers of standard events give', async () => {
  const page = createFakePage()
  void createAnalytics(settings, page.win).track(orderCompleted({ order_id: 'o-1', total: 5 }))
  const [message] = await arrived(page)
  assert.equal(message?.['event'], 'Order Completed')
  assert.deepEqual(message?.['properties'], { order_id: 'o-1', total: 5 })
})

test('a call may say its own context, integrations and time', async () => {
  const page = createFakePage()
  const analytics = createAnalytics(settings, page.win)
  const timestamp = new Date('2025-05-06T07:08:09Z')
  void analytics.track('One', { a: 1 }, { timestamp, integrations: { All: false }, context: { active: true } })
  const [message] = await arrived(page)
  assert.equal(message?.['timestamp'], '2025-05-06T07:08:09.000Z')
  assert.deepEqual(message?.['integrations'], { All: false })
  assert.equal((message?.['context'] as { active?: boolean } | undefined)?.active, true)
})

test('calls of the address are made, and can be turned off', async () => {
  const search = '?ajs_uid=user-7&ajs_trait_plan=pro&ajs_event=Mail%20Opened&ajs_prop_mail=m-1'
  const page = createFakePage({ search })
  createAnalytics(settings, page.win)
  const messages = await arrived(page)
  assert.deepEqual(
    messages.map(({ type, userId }) => [type, userId]),
    [
      ['identify', 'user-7'],
      ['track', 'user-7'],
    ],
  )
  const quiet = createFakePage({ search })
  createAnalytics({ ...settings, useQueryString: false }, quiet.win)
  assert.deepEqual(await arrived(quiet), [])
})

test('until the person has decided nothing is stored or sent; then what was called is, with the consent', async () => {
  const storage = createFakeStorage()
  const page = createFakePage({ storage })
  const analytics = createAnalytics({ ...settings, consent: { required: ['analytics'] } }, page.win)
  void analytics.track('One')
  assert.deepEqual(await arrived(page), [])
  assert.deepEqual([storage.length, page.cookies.size], [0, 0])
  analytics.consent({ analytics: true, ads: false })
  const [message] = await arrived(page)
  assert.equal(message?.['event'], 'One')
  const context = message?.['context'] as { consent: unknown } | undefined
  assert.deepEqual(context?.consent, { categoryPreferences: { analytics: true, ads: false } })
})

test('who does not agree is not tracked, and leaves no trace', async () => {
  const storage = createFakeStorage()
  const page = createFakePage({ storage })
  const analytics = createAnalytics({ ...settings, consent: {} }, page.win)
  void analytics.track('Before')
  analytics.consent({ analytics: false })
  assert.equal(await analytics.track('After'), undefined)
  assert.deepEqual(await arrived(page), [])
  assert.deepEqual([storage.length, page.cookies.size], [0, 0])
})

test('without persistence nothing is written, and the page is one person', async () => {
  const storage = createFakeStorage()
  const page = createFakePage({ storage })
  const analytics = createAnalytics({ ...settings, disableClientPersistence: true }, page.win)
  void analytics.track('One')
  void analytics.track('Two')
  const messages = await arrived(page)
  assert.equal(new Set(messages.map(({ anonymousId }) => anonymousId)).size, 1)
  assert.deepEqual([storage.length, page.cookies.size], [0, 0])
})

test('middleware changes and drops messages, and plugins see them', async () => {
  const page = createFakePage()
  const analytics = createAnalytics(settings, page.win)
  analytics.addSourceMiddleware(({ payload, next }) => {
    if (payload.obj.event !== 'Dropped') next({ obj: { ...payload.obj, properties: { added: true } } })
  })
  const seen: unknown[] = []
  await analytics.register({ name: 'seeing', type: 'after', track: ({ event }) => void seen.push(event.event) })
  void analytics.track('Dropped')
  void analytics.track('Kept')
  const messages = await arrived(page)
  assert.deepEqual(
    messages.map(({ event, properties }) => [event, properties]),
    [['Kept', { added: true }]],
  )
  assert.deepEqual(seen, ['Kept'])
})

test('the calls of a snippet are made where it says, those that prepare others first', async () => {
  const page = createFakePage()
  const analytics = createAnalytics(settings, page.win)
  const told: unknown[] = []
  const methods: string[] = []
  replay(
    [
      ['track', 'One', { __t: 'bpc', p: '/then', u: 'https://shop.example.com/then#x', s: '', t: 'Then', r: '' }],
      ['on', 'track', (event: unknown) => told.push(event)],
      ['track', 'Two'],
    ],
    analytics,
    (method, args, { page: where }) => {
      methods.push(`${method} ${String(args[0])} ${where.url}`)
    },
  )
  assert.deepEqual(methods, ['track One https://shop.example.com/then'])
  assert.deepEqual(told, ['Two'])
})

test('the address of the script says where Millrace is, below a path of the site, too', () => {
  assert.deepEqual(addressOf('https://shop.example.com/collect/analytics.js/v1/wk%201/analytics.min.js'), {
    host: 'https://shop.example.com/collect',
    writeKey: 'wk 1',
  })
  const customerio = 'https://events.example.com/v1/analytics-js/snippet/wk/analytics.min.js'
  assert.deepEqual(addressOf(customerio), { host: 'https://events.example.com', writeKey: 'wk' })
  assert.equal(addressOf('https://shop.example.com/own.js'), undefined)
})

test('messages say the version of the package', () => {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  assert.equal((JSON.parse(manifest) as { version: string }).version, version)
})
