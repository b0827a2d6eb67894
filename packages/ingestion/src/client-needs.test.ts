/**
 * What public clients need of a server, one test for each fact; docs/specs/tracking-api.md has the list. The requests are
 * raw: what each client puts on the wire, down to its headers.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { basic, defaultSettings, goodMessage, startTestServer, testSource } from './test-server.ts'
import type { TestAnswer } from './test-server.ts'

const ok = '{"success":true}'
const auth = { authorization: basic('wk_web') }
const calls = {
  identify: { userId: 'u' },
  track: { userId: 'u', event: 'E' },
  page: { userId: 'u' },
  screen: { userId: 'u' },
  group: { userId: 'u', groupId: 'g' },
  alias: { userId: 'u', previousId: 'a' },
}
const singleRoutes = Object.entries(calls).flatMap(([type, message]) =>
  [`/v1/${type}`, `/v1/${type.charAt(0)}`, `/api/s/${type}`, `/api/s/s2s/${type}`].map((path) => ({
    path,
    type,
    message,
  })),
)
const batchRoutes = ['/v1/batch', '/v1/b', '/v1/import', '/beacon/v1/batch?writeKey=wk_web']
const errorOf = (answer: TestAnswer): { code: string; message: string } => {
  const body = JSON.parse(answer.text) as { code: string; message: string }
  assert.equal(typeof body.code, 'string')
  assert.equal(typeof body.message, 'string')
  assert.match(answer.headers['content-type'] ?? '', /^application\/json/)
  return body
}
const batchOf = (count: number, text: string) =>
  JSON.stringify({
    batch: Array.from({ length: count }, (_, i) => ({ ...goodMessage(`m${i}`), properties: { text } })),
  })

describe('2.0 what a drop-in server must do', () => {
  test('2.0.1 takes the calls and the batches of every client on all their routes', async () => {
    await using server = await startTestServer()
    for (const { path, type, message } of singleRoutes) {
      const answer = await server.post(path, message, auth)
      assert.equal(answer.status, 200, path)
      assert.equal(server.log.messages.at(-1)?.type, type, path)
    }
    const before = server.log.messages.length
    for (const path of batchRoutes) {
      assert.equal((await server.post(path, { batch: [goodMessage('a'), goodMessage('b')] }, auth)).status, 200, path)
    }
    assert.equal(server.log.messages.length - before, batchRoutes.length * 2)
    for (const path of ['/v1/projects/wk_web/settings', '/sourceConfig/?writeKey=wk_web']) {
      assert.equal((await server.send('GET', path)).status, 200, path)
    }
  })

  test('2.0.2 answers exactly 200 with a JSON body', async () => {
    await using server = await startTestServer()
    const answers = [
      ...(await Promise.all(singleRoutes.map(({ path, message }) => server.post(path, message, auth)))),
      ...(await Promise.all(batchRoutes.map((path) => server.post(path, { batch: [] }, auth)))),
      await server.post('/v1/m', { series: [] }, {}),
      await server.post('/v1/batch', { batch: [{}] }, auth),
    ]
    for (const { status, text, headers } of answers) {
      assert.deepEqual([status, text, headers['content-type']], [200, ok, 'application/json'])
      assert.equal(headers['content-length'], String(ok.length))
    }
  })

  test('2.0.3 every error has a code and a message', async () => {
    const settings = { ...defaultSettings, maxRequestsPerSecond: 1 }
    const sources = [testSource('web'), testSource('slow', { settings })]
    await using server = await startTestServer({ limits: { maxBodyBytes: 2000 }, now: () => 0 }, sources)
    const slow = { authorization: basic('wk_slow') }
    await server.post('/v1/track', goodMessage('m'), slow)
    const answers = [
      await server.post('/v1/batch', '{', auth),
      await server.post('/v1/batch', {}, { ...auth, 'x-strict-mode': '1' }),
      await server.post('/v1/batch', { batch: [goodMessage('m')] }, {}),
      await server.post('/v1/nothing', {}, auth),
      await server.send('GET', '/v1/batch', auth),
      await server.post('/v1/batch', 'x'.repeat(3000), auth),
      await server.post('/v1/track', goodMessage('m'), slow),
    ]
    server.log.isFull = true
    answers.push(await server.post('/v1/track', goodMessage('m'), auth))
    assert.deepEqual(
      answers.map(({ status }) => status),
      [400, 400, 401, 404, 405, 413, 429, 503],
    )
    for (const answer of answers) errorOf(answer)
  })

  test('2.0.4 never redirects, however the path is written', async () => {
    await using server = await startTestServer()
    const paths = ['/v1/batch', '/v1/batch/', '/v1//batch', '//v1/batch', '/V1/batch', '/v1/track?x=1', '/v1', '/v1/']
    for (const path of [
      ...paths,
      '/sourceConfig',
      '/sourceConfig/?writeKey=wk_web',
      '/api/s/track/',
      '/v1/projects/wk_web/settings/',
    ]) {
      for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT']) {
        const answer = await server.send(
          method,
          path,
          { ...auth, 'x-forwarded-proto': 'http' },
          method === 'POST' ? '{}' : undefined,
        )
        assert.ok(answer.status < 300 || answer.status >= 400, `${method} ${path}: ${answer.status}`)
        assert.equal(answer.headers.location, undefined)
      }
    }
  })

  test('2.0.5 reads the body as JSON whatever the content type says', async () => {
    await using server = await startTestServer()
    const types = [
      'text/plain',
      'text/plain;charset=UTF-8',
      'application/json',
      'application/json;charset=UTF-8',
      'application/x-www-form-urlencoded',
      'image/png',
      '',
    ]
    for (const [index, type] of types.entries()) {
      const headers = { ...auth, ...(type !== '' && { 'content-type': type }) }
      assert.equal((await server.post('/v1/t', goodMessage(`m${index}`), headers)).status, 200, type)
      const zipped = gzipSync(JSON.stringify({ batch: [goodMessage(`z${index}`)] }))
      assert.equal(
        (await server.post('/v1/batch', zipped, { ...headers, 'content-encoding': 'gzip' })).status,
        200,
        type,
      )
    }
    assert.equal(server.log.messages.length, types.length * 2)
  })

  test('2.0.6 takes the write key from each place where a client puts it, and never a masked one', async () => {
    await using server = await startTestServer()
    const m = goodMessage('m')
    const masked = { ...m, writeKey: 'wk_web:***' }
    const ways: [string, unknown, Record<string, string>][] = [
      ['/v1/batch', { batch: [m] }, auth],
      ['/v1/batch', { batch: [m] }, { authorization: 'Bearer wk_web' }],
      ['/v1/batch', { batch: [m], writeKey: 'wk_web' }, {}],
      ['/v1/batch', { batch: [{ ...m, writeKey: 'wk_web' }] }, {}],
      ['/beacon/v1/batch?writeKey=wk_web', { batch: [m] }, {}],
      ['/api/s/track', masked, { 'x-write-key': 'wk_web:secret' }],
      ['/api/s/track', masked, { 'x-write-key': 'wk_web' }],
    ]
    for (const [path, body, headers] of ways) assert.equal((await server.post(path, body, headers)).status, 200, path)
    assert.equal(server.log.messages.length, ways.length)
    assert.equal((await server.post('/api/s/track', masked, {})).status, 401)
    assert.equal(errorOf(await server.post('/api/s/track', masked, {})).code, 'no_write_key')
  })

  test('2.0.7 a preflight is told the headers that it asks for, one by one, for two hours', async () => {
    await using server = await startTestServer()
    for (const path of ['/v1/t', '/v1/b', '/v1/track', '/api/s/track', '/beacon/v1/batch', '/v1/m', '/sourceConfig/']) {
      const { status, headers } = await server.send('OPTIONS', path, {
        origin: 'https://shop.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,x-retry-count',
      })
      assert.equal(status, 200)
      assert.equal(headers['access-control-allow-headers'], 'authorization,x-retry-count')
      assert.equal(headers['access-control-max-age'], '7200')
      assert.match(headers['access-control-allow-methods'] ?? '', /\bPOST\b/)
    }
  })

  test("2.0.7 an origin is named with leave for credentials, so that credentials: 'include' works; without one it is *", async () => {
    await using server = await startTestServer()
    const named = await server.post('/v1/t', goodMessage('m'), {
      ...auth,
      origin: 'https://shop.example',
      cookie: 'a=b',
    })
    assert.equal(named.headers['access-control-allow-origin'], 'https://shop.example')
    assert.equal(named.headers['access-control-allow-credentials'], 'true')
    assert.equal(named.headers.vary, 'Origin')
    const unnamed = await server.post('/v1/t', goodMessage('m'), auth)
    assert.equal(unnamed.headers['access-control-allow-origin'], '*')
    assert.equal(unnamed.headers['access-control-allow-credentials'], undefined)
  })

  test('2.0.8 lets pages read Retry-After on each refusal that has it', async () => {
    const settings = { ...defaultSettings, maxRequestsPerSecond: 1 }
    await using server = await startTestServer({ now: () => 0 }, [testSource('web'), testSource('slow', { settings })])
    const slow = { authorization: basic('wk_slow'), origin: 'https://shop.example' }
    await server.post('/v1/t', goodMessage('m'), slow)
    const limited = await server.post('/v1/t', goodMessage('m'), slow)
    server.log.isFull = true
    const unavailable = await server.post('/v1/t', goodMessage('m'), { ...auth, origin: 'https://shop.example' })
    assert.deepEqual([limited.status, unavailable.status], [429, 503])
    for (const { headers } of [limited, unavailable]) {
      assert.match(headers['retry-after'] ?? '', /^[1-9]\d*$/)
      assert.equal(headers['access-control-expose-headers'], 'Retry-After')
      assert.equal(headers['access-control-allow-origin'], 'https://shop.example')
    }
  })

  test('2.0.9 takes a message that comes again, each time with its own messageId, by which the copy is known', async () => {
    await using server = await startTestServer()
    const message = goodMessage('ajs-next-1795446599494-d4857955-55e8-484a-b5e9-f0aac0e1911e')
    const first = await server.post('/v1/t', message, auth)
    const again = await server.post('/v1/b', { batch: [message] }, { ...auth, 'x-retry-count': '1' })
    assert.deepEqual([first.status, again.status], [200, 200])
    assert.deepEqual(server.log.messageIds, [message.messageId, message.messageId])
  })

  test('2.0.10 takes batches over the documented 500 KB: of 900 KB and of almost 4 MiB', async () => {
    await using server = await startTestServer()
    for (const [count, bytes] of [
      [29, 31_600],
      [130, 31_600],
    ] as const) {
      const body = batchOf(count, 'x'.repeat(bytes))
      assert.ok(body.length > 900_000 && body.length < 4 * 1024 * 1024)
      assert.equal((await server.post('/v1/batch', body, auth)).status, 200)
    }
    assert.equal(server.log.messages.length, 29 + 130)
    assert.deepEqual(server.log.rejections, [])
  })

  test('2.0.10 a batch whose messages are too large is 200 too, and each one can be found as a rejection', async () => {
    await using server = await startTestServer()
    assert.equal((await server.post('/v1/batch', batchOf(15, 'x'.repeat(61_000)), auth)).status, 200)
    assert.deepEqual(
      server.log.rejections.map(({ code }) => code),
      Array.from({ length: 15 }, () => 'message_too_large'),
    )
    await using roomy = await startTestServer({ limits: { maxMessageBytes: 65_536 } })
    await roomy.post('/v1/batch', batchOf(15, 'x'.repeat(61_000)), auth)
    assert.equal(roomy.log.messages.length, 15)
  })

  test('2.0.11 needs neither sentAt nor writeKey nor userId nor messageId', async () => {
    await using server = await startTestServer({ newMessageId: () => 'assigned', now: () => 1_795_446_599_296 })
    const answer = await server.post('/v1/batch', { batch: [{ type: 'track', event: 'E', anonymousId: 'a' }] }, auth)
    assert.equal(answer.status, 200)
    const [message] = server.log.messages
    assert.equal(message?.messageId, 'assigned')
    assert.equal(message.timestamp, '2026-11-23T15:09:59.296Z')
    assert.equal('userId' in message, false)
    assert.equal('sentAt' in message, false)
  })

  test('2.0.12 tells clients to report nothing about themselves, and takes it from those that do without storing it', async () => {
    await using server = await startTestServer()
    const settings = JSON.parse((await server.send('GET', '/v1/projects/wk_web/settings')).text) as {
      metrics: { sampleRate: number }
    }
    assert.equal(settings.metrics.sampleRate, 0)
    const series = [{ type: 'Counter', metric: 'analytics_js.invoke', value: 1, tags: { method: 'track' } }]
    for (const body of [{ series }, 'no JSON', '']) {
      assert.equal((await server.post('/v1/m', body, { 'content-type': 'text/plain' })).text, ok)
    }
    assert.equal(server.api.metrics().clientMetrics, 3)
    assert.deepEqual(server.log.blocks, [])
  })
})

describe('2.1 what each client needs', () => {
  test('@segment/analytics-node: 429 names whole seconds, at most the 300 that it waits, and a retry is taken', async () => {
    let nowMs = 0
    const settings = { ...defaultSettings, maxMessagesPerSecond: 1 }
    await using server = await startTestServer({ now: () => nowMs }, [testSource('web', { settings })])
    const headers = { ...auth, 'content-type': 'application/json', 'user-agent': 'analytics-node-next/latest' }
    const body = (id: string) => ({ batch: [goodMessage(id)], writeKey: 'wk_web', sentAt: '2026-11-23T15:02:19.543Z' })
    assert.equal((await server.post('/v1/batch', body('m1'), headers)).status, 200)
    const limited = await server.post('/v1/batch', body('m2'), headers)
    assert.equal(limited.status, 429)
    const seconds = Number(limited.headers['retry-after'])
    assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 300)
    nowMs += seconds * 1000
    assert.equal((await server.post('/v1/batch', body('m2'), { ...headers, 'x-retry-count': '1' })).status, 200)
    assert.deepEqual(server.log.messageIds, ['m1', 'm2'])
  })

  test('@customerio/cdp-analytics-node: a body of nothing but batch is taken, and a bad message in it is no error to try again', async () => {
    await using server = await startTestServer()
    const headers = { ...auth, 'content-type': 'application/json', 'user-agent': 'cdp-analytics-node/latest' }
    const { _metadata, ...bad } = { ...goodMessage('bad'), event: '', _metadata: { nodeVersion: '20.20.2' } }
    const answer = await server.post('/v1/batch', { batch: [{ ...goodMessage('m1'), _metadata }, bad] }, headers)
    assert.equal(answer.status, 200)
    assert.deepEqual(server.log.messages[0]?.['_metadata'], { nodeVersion: '20.20.2' })
    assert.equal(server.log.rejections.length, 1)
  })

  test('customerio-cdp-analytics for Python: the key as a Bearer token, exactly 200, gzip under application/json, times with +00:00, and 400 that it can read', async () => {
    await using server = await startTestServer()
    const headers = {
      authorization: 'Bearer wk_web',
      'content-type': 'application/json',
      'user-agent': 'analytics-python/2.3.4',
    }
    const message = { ...goodMessage('m1'), timestamp: '2026-11-23T15:02:19.543000+00:00' }
    const body = gzipSync(JSON.stringify({ batch: [message], sentAt: '2026-11-23T15:02:19.543000+00:00' }))
    const answer = await server.post('/v1/batch', body, { ...headers, 'content-encoding': 'gzip' })
    assert.deepEqual([answer.status, answer.text], [200, ok])
    assert.match(server.log.messages[0]?.timestamp ?? '', /^\d{4}-.*\.\d{3}Z$/)
    const refused = await server.post('/v1/batch', '[', headers)
    assert.equal(refused.status, 400)
    assert.equal(errorOf(refused).code, 'invalid_json')
  })

  test('cdp-analytics-go and analytics-go: the context of the batch holds for each message, times have nanoseconds', async () => {
    await using server = await startTestServer({ now: () => Date.parse('2026-11-23T15:02:20.500Z') })
    const context = { library: { name: 'analytics-go', version: '0.0.1' }, locale: 'de' }
    const times = { timestamp: '2026-11-23T15:02:19.123456789Z' }
    const body = {
      messageId: 'of-the-batch',
      sentAt: '2026-11-23T15:02:20.123456789Z',
      context,
      batch: [
        { ...goodMessage('m1'), ...times },
        { ...goodMessage('m2'), ...times, context: { locale: 'en' } },
      ],
    }
    const headers = { ...auth, 'content-type': 'application/json', 'user-agent': 'analytics-go (version: 0.0.1)' }
    assert.equal((await server.post('/v1/batch', body, headers)).status, 200)
    const [first, second] = server.log.messages
    assert.deepEqual(first?.context, context)
    assert.deepEqual(second?.context, { ...context, locale: 'en' })
    assert.deepEqual(server.log.messageIds, ['m1', 'm2'])
    assert.equal(first.timestamp, '2026-11-23T15:02:19.500Z')
  })

  test('@segment/analytics-next: text/plain with authorization, and a userId of null is none', async () => {
    await using server = await startTestServer()
    const headers = { ...auth, 'content-type': 'text/plain', origin: 'https://shop.example' }
    const message = {
      ...goodMessage('m1'),
      userId: null,
      anonymousId: 'a',
      writeKey: 'wk_web',
      _metadata: { bundled: ['Segment.io'], unbundled: [], bundledIds: [] },
    }
    assert.equal((await server.post('/v1/t', message, headers)).status, 200)
    assert.equal(server.log.messages[0]?.anonymousId, 'a')
    assert.equal(server.log.blocks[0]?.envelope(0).userId, undefined)
    assert.equal('writeKey' in (server.log.messages[0] ?? {}), false)
  })

  test('@segment/analytics-next, batching: sentAt of the batch corrects each message, the keys in them go', async () => {
    await using server = await startTestServer({ now: () => Date.parse('2026-11-23T15:00:10.000Z') })
    const timestamp = '2026-11-23T14:59:58.000Z'
    const message = { ...goodMessage('m1'), timestamp, writeKey: 'wk_web' }
    const body = { writeKey: 'wk_web', batch: [message], sentAt: '2026-11-23T15:00:00.000Z' }
    assert.equal((await server.post('/v1/b', body, { ...auth, 'content-type': 'text/plain' })).status, 200)
    assert.equal(server.log.messages[0]?.timestamp, '2026-11-23T15:00:08.000Z')
    assert.equal(server.log.messages[0]?.['sentAt'], '2026-11-23T15:00:00.000Z')
    assert.equal('writeKey' in (server.log.messages[0] ?? {}), false)
  })

  test('@segment/analytics-next: the settings let it try longer than it does by itself, within what its timers hold', async () => {
    await using server = await startTestServer()
    const { integrations } = JSON.parse((await server.send('GET', '/v1/projects/wk_web/settings')).text) as {
      integrations: { 'Segment.io': { httpConfig: Record<string, Record<string, number>>; retryQueue: boolean } }
    }
    const { httpConfig, retryQueue } = integrations['Segment.io']
    const attempts = httpConfig['backoffConfig']?.['maxRetryCount'] ?? 0
    assert.equal(retryQueue, true)
    assert.ok(attempts > 10)
    // It pauses up to 2 * 500 ms * 2^attempts, and a timer over 2^31 - 1 ms fires at once.
    assert.ok(1000 * 2 ** attempts < 2 ** 31)
    assert.ok((httpConfig['rateLimitConfig']?.['maxRetryCount'] ?? 0) > 10)
  })

  test('@customerio/cdp-analytics-browser: the key in the body is enough; text/plain without authorization or preflight', async () => {
    await using server = await startTestServer()
    const headers = { 'content-type': 'text/plain', origin: 'https://shop.example' }
    const message = { ...goodMessage('m1'), userId: null, anonymousId: 'a', sentAt: '2026-11-23T15:10:02.705Z' }
    const single = await server.post('/v1/t', { ...message, writeKey: 'wk_web' }, headers)
    const batch = await server.post('/v1/b', { batch: [{ ...message, messageId: 'm2' }], writeKey: 'wk_web' }, headers)
    assert.deepEqual([single.status, batch.status], [200, 200])
    assert.deepEqual(server.log.messageIds, ['m1', 'm2'])
    assert.equal(server.log.messages[1]?.['sentAt'], message.sentAt)
  })

  test('@customerio/cdp-analytics-browser reads no status, so a source has no rate unless it is given one', async () => {
    await using server = await startTestServer({ now: () => 0 })
    for (let number = 0; number < 200; number++) {
      const answer = await server.post('/v1/t', { ...goodMessage(`m${number}`), writeKey: 'wk_web' }, {})
      assert.equal(answer.status, 200)
    }
  })

  test('@rudderstack/rudder-sdk-node: gzip that calls itself a form, and Retry-After with 429 and with 503', async () => {
    const settings = { ...defaultSettings, maxRequestsPerSecond: 1 }
    await using server = await startTestServer({ now: () => 0 }, [testSource('web', { settings })])
    const headers = { ...auth, 'content-type': 'application/x-www-form-urlencoded', 'content-encoding': 'gzip' }
    const message = { ...goodMessage('m1'), originalTimestamp: '2026-11-23T15:02:21.348Z', channel: 'server' }
    const body = gzipSync(JSON.stringify({ batch: [message], sentAt: '2026-11-23T15:02:21.384Z' }))
    server.log.isFull = true
    const full = await server.post('/v1/batch', body, headers)
    assert.equal(full.status, 503)
    assert.match(full.headers['retry-after'] ?? '', /^\d+$/)
    const limited = await server.post('/v1/batch', body, headers)
    assert.equal(limited.status, 429)
    assert.match(limited.headers['retry-after'] ?? '', /^\d+$/)
    await using free = await startTestServer()
    assert.equal((await free.post('/v1/batch', body, headers)).status, 200)
    assert.equal(free.log.messages[0]?.['channel'], 'server')
  })

  test('@rudderstack/analytics-js: a preflight of eight headers on a retry, and the time in the header SentAt', async () => {
    await using server = await startTestServer({ now: () => Date.parse('2026-11-23T15:11:10.000Z') })
    const asked = [
      'anonymousid',
      'authorization',
      'content-type',
      'sentat',
      'rsa-retry-attempt',
      'rsa-retry-reason',
      'rsa-since-first-attempt',
      'rsa-since-last-attempt',
    ].join(',')
    const preflight = await server.send('OPTIONS', '/v1/track', {
      origin: 'https://shop.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': asked,
    })
    assert.equal(preflight.headers['access-control-allow-headers'], asked)
    const headers = { ...auth, 'content-type': 'application/json;charset=UTF-8', sentat: '2026-11-23T15:11:00.000Z' }
    const message = { ...goodMessage('m1'), originalTimestamp: '2026-11-23T15:10:59.000Z', channel: 'web' }
    assert.equal((await server.post('/v1/track', message, { ...headers, 'rsa-retry-attempt': '1' })).status, 200)
    assert.equal(server.log.messages[0]?.timestamp, '2026-11-23T15:11:09.000Z')
  })

  test('@rudderstack/analytics-js: a beacon has no headers of its own, only text/plain and the key in the query', async () => {
    await using server = await startTestServer()
    const body = { batch: [goodMessage('m1'), goodMessage('m2')], sentAt: '2026-11-23T15:11:20.000Z' }
    const headers = { 'content-type': 'text/plain;charset=UTF-8', origin: 'https://shop.example' }
    assert.equal((await server.post('/beacon/v1/batch?writeKey=wk_web', body, headers)).status, 200)
    assert.deepEqual(server.log.messageIds, ['m1', 'm2'])
    assert.equal(server.log.messages[0]?.context?.['ip'], '127.0.0.1')
  })

  test('@jitsu/js: X-Write-Key of key and secret beside a masked key in the body, and JSON to read', async () => {
    await using server = await startTestServer()
    const headers = { 'x-write-key': 'wk_web:secret', 'content-type': 'application/json' }
    const message = { ...goodMessage('m1'), writeKey: 'wk_web:***' }
    const browser = await server.post('/api/s/track', message, { ...headers, 'x-enable-debug': '1' })
    const backend = await server.post('/api/s/s2s/track', { ...message, messageId: 'm2' }, headers)
    for (const { status, text } of [browser, backend]) {
      assert.equal(status, 200)
      assert.equal(typeof JSON.parse(text), 'object')
    }
    const [first, second] = server.log.messages
    assert.equal('writeKey' in (first ?? {}), false)
    // From a page the connection says where the person is, from a server it does not.
    assert.equal(first?.context?.['ip'], '127.0.0.1')
    assert.equal(second?.context?.['ip'], undefined)
  })

  test('@segment/analytics-react-native: no authorization, the key on the batch, settings with the host without a scheme', async () => {
    await using server = await startTestServer()
    const body = { batch: [goodMessage('m1')], sentAt: '2026-11-23T15:11:20.000Z', writeKey: 'wk_web' }
    const headers = { 'content-type': 'application/json; charset=utf-8', 'x-retry-count': '0' }
    assert.equal((await server.post('/v1/b', body, headers)).status, 200)
    assert.deepEqual(server.log.messageIds, ['m1'])
    const answer = await server.send('GET', '/v1/projects/wk_web/settings', { host: 'events.example.com' })
    const { integrations } = JSON.parse(answer.text) as { integrations: { 'Segment.io': { apiHost: string } } }
    assert.equal(integrations['Segment.io'].apiHost, 'events.example.com/v1')
  })
})
