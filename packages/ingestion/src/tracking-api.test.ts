import assert from 'node:assert/strict'
import { test } from 'node:test'
import { basic, defaultSettings, goodMessage, startTestServer, testSource } from './test-server.ts'

/** Lets the event loop turn until `holds`. */
const until = async (holds: () => boolean): Promise<void> => {
  for (let turns = 0; !holds(); turns++) {
    assert.ok(turns < 100_000, 'it never came to hold')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const auth = { authorization: basic('wk_web') }
const strict = { ...auth, 'x-strict-mode': '1' }

test('accepts each of the six calls on its long and its short route', async () => {
  await using server = await startTestServer()
  const calls = {
    identify: { userId: 'u' },
    track: { userId: 'u', event: 'E' },
    page: { userId: 'u' },
    screen: { userId: 'u' },
    group: { userId: 'u', groupId: 'g' },
    alias: { userId: 'u', previousId: 'a' },
  }
  for (const [type, message] of Object.entries(calls)) {
    for (const path of [`/v1/${type}`, `/v1/${type[0]}`, `/v1/${type}/`]) {
      const answer = await server.post(path, message)
      assert.equal(answer.status, 200)
      assert.equal(answer.text, '{"success":true}')
      assert.equal(server.log.messages.at(-1)?.type, type)
    }
  }
})

test('answers 200 only when the block is durable, and 503 with Retry-After when it is not', async () => {
  await using server = await startTestServer()
  const release = server.log.hold()
  let isAnswered = false
  const pending = server.post('/v1/track', goodMessage('m1')).then((answer) => {
    isAnswered = true
    return answer
  })
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(isAnswered, false)
  server.log.isFull = true
  release()
  const answer = await pending
  assert.equal(answer.status, 503)
  assert.ok(Number(answer.headers['retry-after']) >= 1)
  assert.equal((JSON.parse(answer.text) as { code: string }).code, 'unavailable')
  server.log.isFull = false
  assert.equal((await server.post('/v1/track', goodMessage('m1'))).status, 200)
  assert.deepEqual(server.log.messageIds, ['m1'])
})

test('takes the write key from every carrier', async () => {
  await using server = await startTestServer()
  const m = goodMessage('m')
  const answers = [
    await server.post('/v1/track', m, { authorization: basic('wk_web') }),
    await server.post('/v1/track', m, { 'x-write-key': 'wk_web:secret' }),
    await server.post('/v1/track?writeKey=wk_web', m, {}),
    await server.post('/v1/track', { ...m, writeKey: 'wk_web' }, {}),
    await server.post('/v1/batch', { batch: [m], writeKey: 'wk_web' }, {}),
    await server.post('/v1/batch', { batch: [{ ...m, writeKey: 'wk_web' }] }, {}),
    await server.post('/v1/track', { ...m, writeKey: 'wk:***' }, { 'x-write-key': 'wk_web:s' }),
    await server.post('/v1/track', { ...m, writeKey: 'wk_web' }, { authorization: basic('proxy') }),
  ]
  assert.deepEqual(
    answers.map(({ status }) => status),
    answers.map(() => 200),
  )
  assert.equal(server.log.messages.length, answers.length)
  assert.equal(
    server.log.messages.some((message) => 'writeKey' in message),
    false,
  )
})

test('answers 401 without a key and with an unknown one, and keeps the refusal with the end of the key', async () => {
  await using server = await startTestServer()
  const none = await server.post('/v1/batch', { batch: [goodMessage('m')] }, {})
  const masked = await server.post('/v1/track', { ...goodMessage('m'), writeKey: 'wk:***' }, {})
  const unknown = await server.post('/v1/track', goodMessage('m'), { authorization: basic('wk_unknown') })
  assert.deepEqual(
    [none, masked, unknown].map(({ status }) => status),
    [401, 401, 401],
  )
  assert.deepEqual(Object.keys(JSON.parse(unknown.text) as object).slice(0, 2), ['code', 'message'])
  await server.api.drain()
  assert.deepEqual(
    server.log.rejections.map(({ code, source, keyHint }) => [code, source, keyHint]),
    [
      ['no_write_key', '', undefined],
      ['no_write_key', '', undefined],
      ['unknown_write_key', '', 'nown'],
    ],
  )
  assert.equal(server.log.messages.length, 0)
})

test('gives each message of a batch to the source of its own key, else to that of the request', async () => {
  await using server = await startTestServer({}, [testSource('web'), testSource('app')])
  const answer = await server.post('/v1/batch', {
    batch: [
      goodMessage('m1'),
      { ...goodMessage('m2'), writeKey: 'wk_app' },
      { ...goodMessage('m3'), writeKey: 'key of another system' },
    ],
  })
  assert.equal(answer.status, 200)
  const [block] = server.log.blocks
  assert.deepEqual(
    [0, 1, 2].map((index) => block?.source(index)),
    ['web', 'app', 'web'],
  )
  assert.deepEqual(server.api.metrics().acceptedBySource, { web: 2, app: 1 })

  const keyless = await server.post(
    '/v1/batch',
    { batch: [goodMessage('m4'), { ...goodMessage('m5'), writeKey: 'wk_app' }] },
    {},
  )
  assert.equal(keyless.status, 200)
  assert.deepEqual(server.log.messageIds.slice(3), ['m5'])
  assert.equal(server.log.rejections.at(-1)?.code, 'no_write_key')
  assert.equal(server.log.rejections.at(-1)?.path, 'batch[0].writeKey')
})

test('keeps the good messages of a batch, and the bad ones as rejections in the same block', async () => {
  await using server = await startTestServer()
  const bad = { type: 'track', userId: 'u', messageId: 'bad' }
  const answer = await server.post('/v1/batch', {
    batch: [goodMessage('m1'), bad, 7, goodMessage('m2'), { type: 'x' }],
  })
  assert.equal(answer.status, 200)
  assert.equal(server.log.blocks.length, 1)
  assert.deepEqual(server.log.messageIds, ['m1', 'm2'])
  const { rejections } = server.log
  assert.deepEqual(
    rejections.map(({ code, path, source }) => [code, path, source]),
    [
      ['no_event', 'batch[1].event', 'web'],
      ['not_an_object', 'batch[2]', 'web'],
      ['unknown_type', 'batch[4].type', 'web'],
    ],
  )
  assert.deepEqual(JSON.parse(rejections[0]?.raw.toString() ?? ''), bad)
  assert.equal(rejections[0]?.bodyHash?.length, 64)
})

test('in strict mode one bad message refuses the whole batch, with its index and path', async () => {
  await using server = await startTestServer()
  const answer = await server.post(
    '/v1/batch',
    { batch: [goodMessage('m1'), goodMessage('m2'), {}, { type: 'track', userId: 'u' }] },
    strict,
  )
  assert.equal(answer.status, 400)
  const body = JSON.parse(answer.text) as { code: string; message: string; errors: { path: string; reason: string }[] }
  assert.equal(body.code, 'unknown_type')
  assert.deepEqual(
    body.errors.map(({ path }) => path),
    ['batch[2].type', 'batch[3].event'],
  )
  await server.api.drain()
  assert.deepEqual(server.log.messageIds, [])
  assert.equal(server.log.rejections.length, 2)
})

test('in strict mode a single message is refused with 400, a wrong key with 401, and a good batch is accepted', async () => {
  await using server = await startTestServer()
  assert.equal((await server.post('/v1/track', { userId: 'u' }, strict)).status, 400)
  assert.equal((await server.post('/v1/track', goodMessage('m'), { 'x-strict-mode': '1' })).status, 401)
  assert.equal((await server.post('/v1/batch', { batch: [goodMessage('m')] }, strict)).status, 200)
})

test('answers a preflight with the headers asked for, and lets pages read Retry-After', async () => {
  await using server = await startTestServer()
  const preflight = await server.send('OPTIONS', '/v1/t', {
    origin: 'https://shop.example.com',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,x-retry-count',
  })
  assert.equal(preflight.status, 200)
  assert.equal(preflight.headers['access-control-allow-headers'], 'authorization,x-retry-count')
  assert.equal(preflight.headers['access-control-max-age'], '7200')
  assert.equal(preflight.headers['access-control-allow-origin'], 'https://shop.example.com')
  const posted = await server.post('/v1/t', goodMessage('m'), { ...auth, origin: 'https://shop.example.com' })
  assert.equal(posted.headers['access-control-allow-origin'], 'https://shop.example.com')
  assert.equal(posted.headers['access-control-allow-credentials'], 'true')
  assert.equal(posted.headers['access-control-expose-headers'], 'Retry-After')
  assert.equal((await server.post('/v1/t', goodMessage('m'))).headers['access-control-allow-origin'], '*')
  const refused = await server.post('/v1/t', goodMessage('m'), { origin: 'null' })
  assert.equal(refused.headers['access-control-allow-origin'], 'null')
})

test('answers 404 and 405 with code and message', async () => {
  await using server = await startTestServer()
  const missing = await server.post('/v1/nothing', {})
  const wrong = await server.send('GET', '/v1/batch')
  assert.deepEqual([missing.status, wrong.status], [404, 405])
  assert.equal((JSON.parse(missing.text) as { code: string }).code, 'not_found')
  assert.equal((JSON.parse(wrong.text) as { code: string }).code, 'method_not_allowed')
  assert.equal(wrong.headers.allow, 'POST, OPTIONS')
  assert.equal(server.api.matches('POST', '/v1/batch?x=1'), true)
  assert.equal(server.api.matches('GET', '/api/ledger'), false)
})

test('limits the rate of a source with 429 and Retry-After, when it is told to', async () => {
  let nowMs = 1_000_000
  const settings = { ...defaultSettings, maxMessagesPerSecond: 10 }
  await using server = await startTestServer({ now: () => nowMs }, [testSource('web', { settings })])
  const batch = { batch: Array.from({ length: 25 }, (_, i) => goodMessage(`m${i}`)) }
  assert.equal((await server.post('/v1/batch', batch)).status, 200)
  const refused = await server.post('/v1/batch', batch)
  assert.equal(refused.status, 429)
  assert.equal(refused.headers['retry-after'], '2')
  nowMs += 2000
  assert.equal((await server.post('/v1/batch', batch)).status, 200)
  assert.equal(server.api.metrics().rejectedByCode['rate_limited'], 1)
})

test('stores rejections within the quota of their source and counts the rest in one row', async () => {
  await using server = await startTestServer({ limits: { rejectionsPerMinute: 3, unknownKeyRejectionsPerMinute: 1 } })
  await server.post('/v1/batch', { batch: Array.from({ length: 10 }, () => ({})) })
  for (let i = 0; i < 4; i++) await server.post('/v1/track', {}, {})
  await server.api.drain()
  const rows = server.log.rejections
  assert.deepEqual(rows.map(({ code, source, count }) => `${code} ${source} ${count}`).toSorted(), [
    'no_write_key  1',
    'no_write_key  3',
    'unknown_type web 1',
    'unknown_type web 1',
    'unknown_type web 1',
    'unknown_type web 7',
  ])
  assert.deepEqual(server.api.metrics().rejectedByCode, { unknown_type: 10, no_write_key: 4 })
})

test('drain answers what was begun, then refuses with 503', async () => {
  await using server = await startTestServer()
  const release = server.log.hold()
  const pending = server.post('/v1/track', goodMessage('m1'))
  await until(() => server.api.metrics().waitingBytes > 0)
  const drained = server.api.drain()
  assert.equal((await server.post('/v1/track', goodMessage('m2'))).status, 503)
  release()
  assert.equal((await pending).status, 200)
  await drained
  assert.deepEqual(server.log.messageIds, ['m1'])
})

test('answers 503 while too much waits to be stored', async () => {
  await using server = await startTestServer({ limits: { maxWaitingBytes: 1000 } })
  const release = server.log.hold()
  const pending = [0, 1, 2, 3].map((i) =>
    server.post('/v1/track', { ...goodMessage(`m${i}`), properties: { x: 'y'.repeat(600) } }),
  )
  await until(() => server.api.metrics().requestsByStatus['503'] !== undefined)
  assert.equal((await server.post('/v1/track', goodMessage('late'))).status, 503)
  release()
  const statuses = (await Promise.all(pending)).map(({ status }) => status)
  assert.equal(statuses.filter((status) => status === 200).length, server.log.messages.length)
  assert.equal((await server.post('/v1/track', goodMessage('later'))).status, 200)
})

test('replaces sources at once, and refuses two sources with one key', async () => {
  await using server = await startTestServer()
  assert.throws(
    () => server.api.setSources([testSource('a', { writeKeys: ['k'] }), testSource('b', { writeKeys: ['k'] })]),
    /share/,
  )
  assert.equal((await server.post('/v1/track', goodMessage('m1'))).status, 200)
  server.api.setSources([testSource('app')])
  assert.equal((await server.post('/v1/track', goodMessage('m2'))).status, 401)
})

test('counts requests, bytes and latency', async () => {
  await using server = await startTestServer()
  await server.post('/v1/track', goodMessage('m1'))
  await server.post('/v1/track', '{')
  const metrics = server.api.metrics()
  assert.deepEqual(metrics.requestsByStatus, { 200: 1, 400: 1 })
  assert.equal(metrics.latency.count, 2)
  assert.equal(
    metrics.latency.counts.reduce((sum, count) => sum + count),
    2,
  )
  assert.equal(metrics.bodyBytes, JSON.stringify(goodMessage('m1')).length + 1)
  await server.api.drain()
  assert.equal(server.api.metrics().waitingBytes, 0)
})
