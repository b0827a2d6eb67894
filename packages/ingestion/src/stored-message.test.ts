import assert from 'node:assert/strict'
import { test } from 'node:test'
import { standardEventOf, violationsOf } from '@millrace/protocol'
import type { StandardEvent } from '@millrace/protocol'
import { rowFlags } from '@millrace/storage'
import { basic, defaultSettings, startTestServer, testSource } from './test-server.ts'

const nowMs = Date.parse('2026-11-23T12:00:00.000Z')
const now = (): number => nowMs
const auth = { authorization: basic('wk_web') }
const chrome =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36'

test('corrects the time with the sentAt of the message, the batch, or the header', async () => {
  await using server = await startTestServer({ now })
  const message = { type: 'track', event: 'E', userId: 'u', timestamp: '2026-11-23T11:00:00.000Z' }
  await server.post('/v1/track', { ...message, sentAt: '2026-11-23T11:00:10.000Z' })
  await server.post('/v1/batch', { batch: [message], sentAt: '2026-11-23T11:00:20Z' })
  await server.post('/v1/track', message, { ...auth, SentAt: '2026-11-23T11:00:30.000Z' })
  await server.post('/v1/track', message)
  assert.deepEqual(
    server.log.messages.map(({ timestamp, originalTimestamp, sentAt }) => [timestamp, originalTimestamp, sentAt]),
    [
      ['2026-11-23T11:59:50.000Z', message.timestamp, '2026-11-23T11:00:10.000Z'],
      ['2026-11-23T11:59:40.000Z', message.timestamp, '2026-11-23T11:00:20.000Z'],
      ['2026-11-23T11:59:30.000Z', message.timestamp, '2026-11-23T11:00:30.000Z'],
      [message.timestamp, message.timestamp, undefined],
    ],
  )
  assert.equal(server.log.messages[0]?.receivedAt, '2026-11-23T12:00:00.000Z')
})

test('keeps the timestamp of a message that another pipeline has corrected', async () => {
  await using server = await startTestServer({ now })
  const timestamp = '2015-12-12T19:11:01.249Z'
  await server.post('/v1/track', {
    event: 'E',
    userId: 'u',
    timestamp,
    receivedAt: '2015-12-12T19:11:01.266Z',
    sentAt: '2015-12-12T19:11:01.169Z',
    originalTimestamp: '2015-12-12T19:11:01.152Z',
  })
  assert.equal(server.log.messages[0]?.timestamp, timestamp)
  assert.equal(server.log.messages[0]?.receivedAt, '2026-11-23T12:00:00.000Z')
})

test('makes strings of numeric ids and assigns, keeps or hashes the messageId', async () => {
  await using server = await startTestServer({ newMessageId: () => 'assigned' })
  const long = 'x'.repeat(300)
  for (const messageId of ['kept', 42, long, undefined, {}, '']) {
    await server.post('/v1/group', { userId: 5, groupId: 7, anonymousId: null, messageId })
  }
  const [first] = server.log.messages
  assert.deepEqual([first?.userId, first?.['groupId']], ['5', '7'])
  const ids = server.log.messageIds
  assert.deepEqual(ids.slice(0, 2), ['kept', '42'])
  assert.match(ids[2] ?? '', /^[0-9a-f]{64}$/)
  assert.deepEqual(ids.slice(3), ['assigned', 'assigned', 'assigned'])
  const flags = server.log.blocks.map((block) => block.envelope(0).flags)
  assert.deepEqual(flags.slice(0, 4), [undefined, undefined, ['message_id_hashed'], ['message_id_assigned']])
  assert.equal(server.log.blocks[0]?.envelope(0).anonymousId, undefined)
})

test('gives each message the context and integrations of its batch, unless it says otherwise', async () => {
  await using server = await startTestServer()
  await server.post('/v1/batch', {
    context: { library: { name: 'go' }, app: { name: 'A', build: 1 }, ip: '192.0.2.1' },
    integrations: { All: false, hook: true },
    batch: [
      { type: 'track', event: 'E', userId: 'u', context: { app: { name: 'B' } }, integrations: { All: true } },
      { type: 'track', event: 'E', userId: 'u' },
    ],
  })
  const [own, none] = server.log.messages
  assert.deepEqual(own?.context, { library: { name: 'go' }, app: { name: 'B', build: 1 }, ip: '192.0.2.1' })
  assert.deepEqual(own?.integrations, { All: true, hook: true })
  assert.deepEqual(none?.context, { library: { name: 'go' }, app: { name: 'A', build: 1 }, ip: '192.0.2.1' })
  assert.equal(server.log.blocks[0]?.dictionary.batches.length, 1)
})

test('the route wins over the type in the body', async () => {
  await using server = await startTestServer()
  await server.post('/v1/identify', { type: 'track', userId: 'u' })
  assert.equal(server.log.messages[0]?.type, 'identify')
})

test('fills the address on browser routes and for direct clients, not on server calls', async () => {
  await using server = await startTestServer()
  const message = { event: 'E', userId: 'u' }
  await server.post('/v1/track', message)
  await server.post('/v1/t', message)
  await server.post('/v1/track', { ...message, context: { direct: true } })
  await server.post('/v1/t', { ...message, context: { ip: '192.0.2.9' } })
  await server.post('/v1/t', { ...message, context: { ip: null } })
  await server.post('/v1/t', message, { ...auth, 'x-forwarded-for': '203.0.113.7' })
  assert.deepEqual(
    server.log.messages.map(({ context }) => context?.['ip']),
    [undefined, '127.0.0.1', '127.0.0.1', '192.0.2.9', null, '127.0.0.1'],
  )
})

test('fills and shortens the address as the source and the trusted proxies say', async () => {
  const always = { ...defaultSettings, fillIp: 'always', anonymizeIp: true } as const
  const never = { ...defaultSettings, fillIp: 'never' } as const
  await using server = await startTestServer({ trustedProxies: ['127.0.0.0/8'] }, [
    testSource('web', { settings: always }),
    testSource('app', { settings: never }),
  ])
  const forwarded = { 'x-forwarded-for': '198.51.100.4, 203.0.113.77' }
  const message = { event: 'E', userId: 'u' }
  await server.post('/v1/track', message, { ...auth, ...forwarded })
  await server.post('/v1/t', message, { authorization: basic('wk_app'), ...forwarded })
  assert.deepEqual(
    server.log.messages.map(({ context }) => context?.['ip']),
    ['203.0.113.0', undefined],
  )
})

test('fills the user agent on browser routes, reads it, and flags bots', async () => {
  await using server = await startTestServer()
  const message = { event: 'E', userId: 'u' }
  await server.post('/v1/t', message, { ...auth, 'user-agent': chrome })
  await server.post('/v1/track', message, { ...auth, 'user-agent': chrome })
  await server.post('/v1/track', { ...message, context: { userAgent: 'Googlebot/2.1 bot' } }, auth)
  const [browser, plain, bot] = server.log.messages
  assert.equal(browser?.context?.['userAgent'], chrome)
  assert.deepEqual(browser?.context?.['client'], {
    browser: 'Chrome',
    browserVersion: '126.0.0.0',
    os: 'Mac OS',
    osVersion: '10.15.7',
  })
  assert.equal(plain?.context, undefined)
  assert.deepEqual(bot?.context?.['client'], { bot: true })
  assert.deepEqual(
    server.log.blocks.map((block) => block.flags(0) & rowFlags.bot),
    [0, 0, rowFlags.bot],
  )
})

test('names the standard event', async () => {
  await using server = await startTestServer()
  await server.post('/v1/track', {
    event: 'order_completed',
    userId: 'u',
    properties: { order_id: 5, products: 'none' },
  })
  const [block] = server.log.blocks
  assert.equal(block?.event(0), 'order_completed')
  assert.equal(block?.standardEvent(0), 'Order Completed')
})

test('notes where properties differ from the standard event, wherever the event is named, and changes nothing', async () => {
  await using server = await startTestServer()
  const properties = { order_id: 5, total: 12.5, products: [{ price: '2' }], own: true }
  const person = { type: 'track', userId: 'u' }
  await server.post('/v1/batch', {
    batch: [
      { ...person, event: 'completed_order', properties },
      { properties, ...person, event: 'Order Completed' },
      { ...person, properties: { order_id: 'o' }, event: 'Order Completed' },
      { ...person, event: 'Order Completed', properties: { order_id: 'o', total: 12.5 } },
      { ...person, event: 'Ordered', properties },
      { ...person, event: 'Order Completed' },
    ],
  })
  const [block] = server.log.blocks
  assert.ok(block)
  const expected = violationsOf(standardEventOf('Order Completed') as StandardEvent, properties)
  assert.equal(expected.length, 2)
  const found = [0, 1, 2, 3, 4, 5].map((index) => block.envelope(index).violations)
  assert.deepEqual(found, [expected, expected, undefined, undefined, undefined, undefined])
  const flagged = [0, 1, 2, 3, 4, 5].map((index) => (block.flags(index) & rowFlags.violations) !== 0)
  assert.deepEqual(flagged, [true, true, false, false, false, false])
  assert.deepEqual([block.eventCategory(0), block.eventCategory(4)], ['Ecommerce', undefined])
  assert.deepEqual(block.message(0)['properties'], properties)
})

test('the last of repeated names counts for violations, as it does for the message', async () => {
  await using server = await startTestServer()
  const send = (text: string): Promise<unknown> => server.post('/v1/track', text)
  await send('{"userId":"u","event":"Order Completed","properties":{"total":1},"properties":{"total":"1"}}')
  await send('{"userId":"u","event":"Order Completed","properties":{"total":"1"},"properties":{"total":1}}')
  await send('{"userId":"u","event":"Order Completed","properties":{"title":5},"event":"Product Shared"}')
  await send('{"userId":"u","event":"Order Completed","properties":{"query":5},"event":"Products Searched"}')
  const found = server.log.blocks.map((block) => block.envelope(0).violations?.map(({ path }) => path))
  assert.deepEqual(found, [['properties.total'], undefined, undefined, ['properties.query']])
})

test('stores the bytes as they were sent', async () => {
  await using server = await startTestServer()
  const raw = '{ "event":"E\\u00e9",\n "userId":"ü", "n":1.0e2, "userId":"u" }'
  await server.post('/v1/track', ` ${raw}\n`)
  await server.post('/v1/batch', `{"sentAt":null,"batch":[ ${raw.replace('{', '{"type":"track",')} ]}`)
  assert.equal(server.log.blocks[0]?.raw(0).toString(), raw)
  assert.equal(server.log.blocks[1]?.raw(0).toString(), raw.replace('{', '{"type":"track",'))
  assert.equal(server.log.messages[0]?.userId, 'u')
})

test('reads the legacy envelope where a message would be refused without, and nowhere else', async () => {
  await using server = await startTestServer({ now })
  const bounced = { event: 'Email Bounced', properties: { email_id: 'e-1' } }
  const batch = [
    { ...bounced, action: 'track', user_id: 'u-1' },
    { ...bounced, action: 'track', user_id: 7 },
    { ...bounced, type: 'track', anonymousId: 'a-1', action: 'page', user_id: 'u-2' },
    { ...bounced, type: 'track', userId: 'u-3', user_id: 'u-4' },
    { ...bounced, action: 'bounce', user_id: 'u-5' },
  ]
  await server.post('/v1/batch', { batch }, auth)
  assert.deepEqual(
    server.log.messages.map(({ type, userId, anonymousId }) => [type, userId, anonymousId]),
    [
      ['track', 'u-1', undefined],
      ['track', '7', undefined],
      ['track', undefined, 'a-1'],
      ['track', 'u-3', undefined],
    ],
  )
  assert.deepEqual(
    server.log.rejections.map(({ code }) => code),
    ['unknown_type'],
  )
})
