/** Requests of public client libraries, as they were recorded: method, path, headers and bodies are theirs. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { startTestServer, testSource } from './test-server.ts'

type Sent = Record<string, unknown>
interface Recorded {
  receivedAtMs: number
  method: string
  url: string
  headers: Record<string, string>
  body?: Sent & { batch?: Sent[] }
}

const recordings = JSON.parse(
  readFileSync(new URL('./fixtures/client-requests.json', import.meta.url), 'utf8'),
) as Record<string, Recorded[]>

const writeKeys = ['wk_test', '1abcdefghijklmnopqrstuvwxyz']
const typeOfRoute = new Map(
  Object.entries({ t: 'track', i: 'identify', p: 'page', g: 'group', a: 'alias', s: 'screen' }),
)

/** Told that its settings are `{"Segment.io":{}}`, analytics-next sends no key at all; we never tell it that. */
const isKeyless = (client: string): boolean => client === 'settings-seg-empty-segment'

/** The message that a stage behind ingestion has to see, worked out from what the client sent; without `context.client`. */
const expectedOf = (sent: Sent, { url, headers, body, receivedAtMs }: Recorded): Sent => {
  const { writeKey: _, ...message } = sent
  const path = url.split('?', 1)[0] as string
  const isBatch = body?.batch !== undefined
  const isBrowser = /^\/v1\/[a-z]$|^\/beacon\/|^\/api\/s\/(?!s2s\/)/.test(path)
  const route = path.split('/').at(-1) as string
  const sentAt = (sent['sentAt'] ?? (isBatch ? body['sentAt'] : undefined) ?? headers['sentat']) as string | undefined
  const ownTime = (sent['timestamp'] ?? sent['originalTimestamp']) as string
  const offsetMs = sentAt === undefined ? undefined : Date.parse(sentAt) - Date.parse(ownTime)
  const context = { ...(body?.batch === undefined ? {} : (body['context'] as Sent)), ...(sent['context'] as Sent) }
  if (isBrowser) {
    context['ip'] ??= '127.0.0.1'
    context['userAgent'] ??= headers['user-agent']
  }
  const type = sent['type'] ?? typeOfRoute.get(route) ?? route
  // RudderStack's client for browsers puts the traits of a person into the context alone.
  const traits = type === 'identify' ? (sent['traits'] ?? context['traits']) : sent['traits']
  return {
    ...message,
    ...(traits !== undefined && { traits }),
    type,
    receivedAt: new Date(receivedAtMs).toISOString(),
    originalTimestamp: sent['originalTimestamp'] ?? new Date(Date.parse(ownTime)).toISOString(),
    timestamp: new Date(offsetMs === undefined ? Date.parse(ownTime) : receivedAtMs - offsetMs).toISOString(),
    ...(sentAt !== undefined && { sentAt: sent['sentAt'] ?? new Date(Date.parse(sentAt)).toISOString() }),
    context,
  }
}

for (const [client, requests] of Object.entries(recordings)) {
  test(`replays ${client}: every request is answered as its client needs, every message is the one that was sent`, async () => {
    let nowMs = 0
    await using server = await startTestServer({ now: () => nowMs }, [testSource('web', { writeKeys })])
    const expected: Sent[] = []
    for (const request of requests) {
      const { method, url, headers, body, receivedAtMs } = request
      nowMs = receivedAtMs
      const text = body === undefined ? undefined : JSON.stringify(body)
      const bytes = headers['content-encoding'] === 'gzip' ? gzipSync(text ?? '') : text
      const answer = await server.send(method, url, { ...headers, host: `127.0.0.1:${server.port}` }, bytes)
      if (method === 'OPTIONS') {
        assert.equal(answer.status, 200)
        const asked = headers['access-control-request-headers']
        assert.equal(answer.headers['access-control-allow-headers'], asked)
        assert.equal(answer.headers['access-control-allow-origin'], headers['origin'])
      } else if (method === 'POST' && isKeyless(client)) {
        assert.equal(answer.status, 401)
      } else if (method === 'POST') {
        assert.equal(answer.status, 200, answer.text)
        assert.equal(answer.text, '{"success":true}')
        for (const sent of body?.batch ?? [body as Sent]) expected.push(expectedOf(sent, request))
      } else if (!url.endsWith('.js')) {
        assert.equal(answer.status, 200, answer.text)
        assert.equal(typeof JSON.parse(answer.text), 'object')
      }
    }
    await server.api.drain()
    if (!isKeyless(client)) assert.deepEqual(server.log.rejections, [])
    const received = server.log.messages.map((message) => {
      const { client: _, ...context } = message.context as Sent
      return { ...message, context }
    })
    assert.deepEqual(received, expected)
  })
}
