import assert from 'node:assert/strict'
import { beforeEach, mock, test } from 'node:test'
import { createFakePage, createFakeStorage, settled } from './fake-page.ts'
import type { FakePage } from './fake-page.ts'
import { createAnalytics } from './index.ts'
import type { LostMessage, Settings } from './index.ts'

beforeEach(() => {
  mock.timers.reset()
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.parse('2026-01-02T03:04:05Z') })
})

const pass = async (ms: number): Promise<void> => {
  for (let passed = 0; passed < ms; passed += 50) {
    mock.timers.tick(50)
    await settled()
  }
}
const open = (page: FakePage, settings: Partial<Settings> = {}) =>
  createAnalytics({ writeKey: 'wk', host: '/collect', ...settings }, page.win)
const eventsOf = ({ requests }: FakePage): unknown[] =>
  requests.flatMap(({ messages }) => messages.map(({ event }) => event))
const idsOf = ({ requests }: FakePage): unknown[] =>
  requests.flatMap(({ messages }) => messages.map(({ messageId }) => messageId))
const written = (storage: ReturnType<typeof createFakeStorage>): string[] =>
  [...storage.entries.keys()].filter((key) => key.startsWith('millrace.wk.'))

test('a message is written down when the call returns, and removed when the server has it', async () => {
  const storage = createFakeStorage()
  const page = createFakePage({ storage })
  void open(page).track('Clicked')
  assert.equal(written(storage).length, 1)
  await pass(100)
  assert.deepEqual(eventsOf(page), ['Clicked'])
  assert.equal(page.requests[0]?.url, '/collect/v1/b')
  assert.equal(written(storage).length, 0)
})

// Here there are no Web Locks: the lease of a page that died in a request lasts half a minute.
test('what a page that died has left is sent by the next one, with the same id', async () => {
  const storage = createFakeStorage()
  const dead = createFakePage({ storage })
  dead.hang()
  void open(dead).track('Clicked')
  await pass(100)
  const next = createFakePage({ storage })
  open(next)
  await pass(40_000)
  assert.deepEqual(eventsOf(next), ['Clicked'])
  assert.deepEqual(idsOf(next), idsOf(dead))
})

test('a page that is left sends what waits at once, in a request that outlives it, and no message twice', async () => {
  const page = createFakePage()
  const analytics = open(page, { flushInterval: 10_000 })
  void analytics.track('One')
  void analytics.track('Two')
  page.setVisible(false)
  page.fire('pagehide')
  assert.deepEqual(eventsOf(page), ['One', 'Two'])
  assert.equal(page.requests[0]?.keepalive, true)
  await pass(20_000)
  assert.equal(idsOf(page).length, 2)
})

test('a batch that outlives the page stays below what browsers allow', async () => {
  const page = createFakePage()
  page.hang()
  const analytics = open(page, { flushInterval: 10_000, flushAt: 1000 })
  for (let count = 0; count < 10; count++) void analytics.track('Large', { text: 'x'.repeat(9000) })
  page.fire('pagehide')
  const bytes = page.requests.map(({ messages }) => JSON.stringify(messages).length)
  assert.equal(bytes.length, 1)
  assert.ok((bytes[0] as number) < 61_440, String(bytes[0]))
})

for (const status of [429, 500, 503]) {
  test(`${status}: waits as long as the server asks, and sends the same message again`, async () => {
    const page = createFakePage()
    page.answer({ status, retryAfter: '20' })
    void open(page).track('Clicked')
    await pass(100)
    page.answer({ status: 200 })
    await pass(19_000)
    assert.equal(page.requests.length, 1)
    // Full jitter may be longer than what was asked for only while the server fails often.
    await pass(2000)
    assert.equal(page.requests.length, 2)
    assert.equal(new Set(idsOf(page)).size, 1)
  })
}

test('offline messages are kept, and sent as soon as the browser is online again', async () => {
  const storage = createFakeStorage()
  const page = createFakePage({ storage })
  page.answer(undefined)
  const analytics = open(page)
  void analytics.track('One')
  await pass(60_000)
  void analytics.track('Two')
  assert.equal(written(storage).length, 2)
  page.answer({ status: 200 })
  const failed = page.requests.length
  page.fire('online')
  await pass(100)
  assert.deepEqual(
    page.requests.slice(failed).flatMap(({ messages }) => messages.map(({ event }) => event)),
    ['One', 'Two'],
  )
  assert.equal(written(storage).length, 0)
})

test('a message that the server refuses is told, and does not hold up others', async () => {
  const page = createFakePage()
  const analytics = open(page)
  const lost: LostMessage[] = []
  analytics.on('error', (what: LostMessage) => lost.push(what))
  page.answer({ status: 400 })
  void analytics.track('Refused')
  await pass(100)
  page.answer({ status: 200 })
  void analytics.track('Taken')
  const flushed = analytics.flush()
  await pass(200)
  await flushed
  assert.deepEqual(eventsOf(page), ['Refused', 'Taken'])
  assert.deepEqual(
    lost.map(({ code }) => code),
    ['refused'],
  )
})

test('a full queue refuses the call and says so', async () => {
  const page = createFakePage()
  page.hang()
  const analytics = open(page, { maxQueueMessages: 2 })
  const lost: LostMessage[] = []
  analytics.on('error', (what: LostMessage) => lost.push(what))
  assert.ok(await analytics.track('One'))
  assert.ok(await analytics.track('Two'))
  assert.equal(await analytics.track('Three'), undefined)
  assert.deepEqual(
    lost.map(({ code }) => code),
    ['queue_full'],
  )
})

const refuse = (): never => {
  throw new Error('QuotaExceededError')
}
for (const [name, storage] of [
  ['full', createFakeStorage(refuse)],
  ['blocked', refuse],
] as const) {
  test(`${name} storage: messages are sent, as one person`, async () => {
    const page = createFakePage({ storage })
    const analytics = open(page)
    void analytics.track('One')
    void analytics.track('Two')
    await pass(100)
    assert.deepEqual(eventsOf(page), ['One', 'Two'])
    const people = page.requests.flatMap(({ messages }) => messages.map(({ anonymousId }) => anonymousId))
    assert.equal(new Set(people).size, 1)
  })
}

test('of two tabs of one site without Web Locks each sends its own, once', async () => {
  const storage = createFakeStorage()
  const cookies = new Map<string, string>()
  const [one, two] = [createFakePage({ storage, cookies }), createFakePage({ storage, cookies })]
  void open(one).track('One')
  void open(two).track('Two')
  await pass(5000)
  assert.equal(idsOf(one).length + idsOf(two).length, 2)
  assert.deepEqual(new Set([...eventsOf(one), ...eventsOf(two)]), new Set(['One', 'Two']))
  assert.equal(written(storage).length, 0)
})
