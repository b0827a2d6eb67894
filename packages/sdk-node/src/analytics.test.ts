import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { Analytics, version } from './index.ts'
import type { AnalyticsSettings } from './index.ts'

interface Sent {
  messageId: string
  type: string
  [field: string]: unknown
}

interface Api extends AsyncDisposable {
  host: string
  messages: Sent[]
  requests: { headers: IncomingMessage['headers']; messageIds: string[] }[]
}

/** A Tracking API; `statusOf` decides the answer of each request, 0 closes the connection, -1 never answers. */
const startApi = async (statusOf: (request: number) => number = () => 200): Promise<Api> => {
  const api: Pick<Api, 'messages' | 'requests'> = { messages: [], requests: [] }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks)
      const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw).toString() : raw.toString()
      const { batch } = JSON.parse(text) as { batch: Sent[] }
      api.requests.push({ headers: request.headers, messageIds: batch.map(({ messageId }) => messageId) })
      const status = statusOf(api.requests.length)
      if (status === 200) api.messages.push(...batch)
      if (status === 0) request.socket.destroy()
      else if (status > 0)
        response.writeHead(status, { 'content-type': 'application/json' }).end('{"code":"x","message":"y"}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    ...api,
    host: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const open = (api: Api, more: Partial<AnalyticsSettings> = {}): Analytics =>
  new Analytics({ writeKey: 'wk', host: api.host, ...more })

describe('Analytics', () => {
  it('sends the six calls with library, ids and write key', async () => {
    await using api = await startApi()
    const analytics = open(api)
    analytics.identify({ userId: 'u', traits: { email: 'ada@example.com' } })
    analytics.track({ userId: 'u', event: 'Signed Up', properties: { plan: 'pro' } })
    analytics.page({ anonymousId: 'a', name: 'Home' })
    analytics.screen({ anonymousId: 'a', name: 'Start' })
    analytics.group({ userId: 'u', groupId: 'g' })
    analytics.alias({ userId: 'u', previousId: 'a' })
    await analytics.close()
    assert.deepEqual(
      api.messages.map(({ type }) => type),
      ['identify', 'track', 'page', 'screen', 'group', 'alias'],
    )
    assert.equal(new Set(api.messages.map(({ messageId }) => messageId)).size, 6)
    assert.deepEqual(api.messages[1]?.['context'], { library: { name: '@millrace/node', version } })
    assert.equal(api.requests[0]?.headers.authorization, `Basic ${btoa('wk:')}`)
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    assert.equal(manifest.version, version)
  })

  it('a loop that awaits room loses nothing when requests fail, and each message keeps its id', async () => {
    await using api = await startApi((request) => (request % 5 === 0 ? 503 : request % 7 === 0 ? 0 : 200))
    const analytics = open(api, { flushAt: 20, maxQueueMessages: 100 })
    const errors: string[] = []
    analytics.on('error', ({ code }) => errors.push(code))
    for (let n = 0; n < 500; n++) {
      if (!analytics.track({ userId: 'u', event: 'Counted', properties: { n } })) await analytics.hasRoom()
    }
    await analytics.flush()
    assert.deepEqual(errors, [])
    assert.equal(new Set(api.messages.map(({ messageId }) => messageId)).size, 500)
    assert.equal(new Set(api.messages.map(({ properties }) => (properties as { n: number }).n)).size, 500)
    assert.equal(new Set(api.requests.flatMap(({ messageIds }) => messageIds)).size, 500)
    await analytics.close()
  })

  it('a full queue refuses what comes next, and says so for each message', async () => {
    await using api = await startApi()
    const analytics = open(api, { maxQueueMessages: 10, flushInterval: 60_000 })
    const lost: string[] = []
    analytics.on('error', ({ code }) => lost.push(code))
    const rooms = Array.from({ length: 12 }, () => analytics.track({ userId: 'u', event: 'Counted' }))
    assert.deepEqual(lost, ['queue_full', 'queue_full'])
    assert.deepEqual([rooms[0], rooms[9]], [true, false])
    await analytics.close()
    assert.equal(api.messages.length, 10)
  })

  it('compresses when it is told to', async () => {
    await using api = await startApi()
    const analytics = open(api, { gzip: true })
    for (let n = 0; n < 20; n++) analytics.track({ userId: 'u', event: 'Counted', properties: { n } })
    await analytics.close()
    assert.equal(api.messages.length, 20)
    assert.equal(api.requests[0]?.headers['content-encoding'], 'gzip')
  })

  it('close ends within the time of one request when the server never answers, and says what is lost', async () => {
    await using api = await startApi(() => -1)
    const analytics = open(api, { httpRequestTimeout: 200 })
    const lost: string[] = []
    analytics.on('error', ({ code }) => lost.push(code))
    for (let n = 0; n < 250; n++) analytics.track({ userId: 'u', event: 'Counted' })
    const startedMs = performance.now()
    await analytics.close()
    assert.ok(performance.now() - startedMs < 1000)
    assert.equal(lost.length, 250)
    assert.deepEqual([...new Set(lost)], ['given_up'])
  })

  it('callbacks hear of delivery and of refusal', async () => {
    await using api = await startApi((request) => (request === 1 ? 200 : 401))
    const analytics = open(api)
    const told: unknown[] = []
    analytics.on('error', () => undefined)
    analytics.track({ userId: 'u', event: 'First' }, (error, { event }) => told.push([error?.code, event.event]))
    await analytics.flush()
    analytics.track({ userId: 'u', event: 'Second' }, (error, { event }) => told.push([error?.code, event.event]))
    await analytics.flush()
    await analytics.close()
    assert.deepEqual(told, [
      [undefined, 'First'],
      ['refused', 'Second'],
    ])
  })

  it('calls within a context have what it says, across awaits', async () => {
    await using api = await startApi()
    const analytics = open(api)
    await analytics.withContext({ userId: 'u', context: { ip: '192.0.2.1' } }, async () => {
      await Promise.resolve()
      analytics.track({ event: 'Scoped', context: { locale: 'de' } })
    })
    await analytics.close()
    assert.equal(api.messages[0]?.['userId'], 'u')
    assert.deepEqual(api.messages[0]['context'], {
      library: { name: '@millrace/node', version },
      ip: '192.0.2.1',
      locale: 'de',
    })
  })

  it('what the spool holds is sent by the next client that opens it, and its files go', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-spool-'))
    try {
      const spool = { folder }
      await using down = await startApi(() => 503)
      const first = open(down, { spool, httpRequestTimeout: 300 })
      for (let n = 0; n < 1500; n++) first.track({ userId: 'u', event: 'Counted', properties: { n } })
      assert.throws(() => open(down, { spool }), /in use/)
      await first.close()
      assert.equal(down.messages.length, 0)
      await using api = await startApi()
      const second = open(api, { spool })
      second.track({ userId: 'u', event: 'Counted', properties: { n: 1500 } })
      await second.flush()
      await second.close()
      assert.deepEqual(
        api.messages.map(({ properties }) => (properties as { n: number }).n).sort((a, b) => a - b),
        Array.from({ length: 1501 }, (_, n) => n),
      )
      assert.deepEqual(readdirSync(folder), ['cursor'])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
