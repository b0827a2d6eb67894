/**
 * 100,000 mutated requests and more. Most go through the accept function; some over sockets, so that what node:http does
 * to broken framing is part of it. A good message is sent at regular intervals, and none may be lost.
 * `MILLRACE_SEED` repeats a run.
 */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { answers, rejections } from '@millrace/protocol'
import { Block } from '@millrace/storage'
import { Acceptor } from './acceptor.ts'
import type { AcceptWaiter } from './acceptor.ts'
import { BlockWriter } from './block-writer.ts'
import { ClientAddress } from './client-address.ts'
import { defaultLimits } from './limits.ts'
import { RejectionStore } from './rejection-store.ts'
import { routeOf } from './routes.ts'
import type { Route } from './routes.ts'
import { SourceTable } from './source-table.ts'
import { goodMessage, startTestServer, testSource } from './test-server.ts'
import { UserAgents } from './user-agents.ts'

const seed = Number(process.env['MILLRACE_SEED'] ?? Date.now() % 2 ** 31)
const inProcessRequests = 95_000
const socketRequests = 6_000

let state = seed | 0
const random = (): number => {
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}
const below = (limit: number): number => Math.floor(random() * limit)
const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T

const oddValues: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  2 ** 53,
  '',
  'x',
  '\ud800',
  '***',
  'wk_other',
  '2026-01-01T00:00:00Z',
  '99999-01-01',
  [],
  {},
  [[]],
  { __proto__: null, constructor: 1 },
  'é'.repeat(300),
  { email: 'a@b.co' },
  ['batch'],
  Array.from({ length: 200 }, () => ({})),
]
const names: readonly string[] = [
  'type',
  'event',
  'userId',
  'anonymousId',
  'messageId',
  'groupId',
  'previousId',
  'context',
  'integrations',
  'traits',
  'properties',
  'timestamp',
  'originalTimestamp',
  'sentAt',
  'receivedAt',
  'writeKey',
  'batch',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
]

const validMessage = (): Record<string, unknown> => ({
  type: pick(['track', 'identify', 'page', 'screen', 'group', 'alias']),
  event: pick(['Order Completed', 'Signed Up', 'product_viewed']),
  userId: `u${below(100)}`,
  groupId: 'g',
  previousId: 'p',
  messageId: `m${below(1e6)}`,
  timestamp: '2026-11-23T12:00:00.000Z',
  context: { userAgent: 'Mozilla/5.0', page: { url: 'https://x.test/' } },
  properties: { products: [{ price: 5, name: 'a"b\\c' }], total: 1.5 },
})

/** Changes somewhere in a JSON value. */
const mutateValue = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || random() < 0.1) return pick(oddValues)
  const keys = Object.keys(value)
  if (Array.isArray(value)) {
    const copy: unknown[] = [...value]
    if (copy.length === 0 || random() < 0.3) copy.splice(below(copy.length + 1), 0, pick(oddValues))
    else copy[below(copy.length)] = mutateValue(pick(copy))
    return copy
  }
  const entries = Object.entries(value)
  const action = random()
  if (action < 0.3 || keys.length === 0) entries.push([pick(names), pick(oddValues)])
  else if (action < 0.5) entries.splice(below(entries.length), 1)
  else {
    const entry = pick(entries)
    entry[1] = mutateValue(entry[1])
  }
  return Object.fromEntries(entries)
}

const structuralBytes: readonly number[] = Array.from(Buffer.from('{}[]",:\\u0eE-'))

const mutateBytes = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes)
  for (let times = 1 + below(4); times > 0; times--) {
    if (copy.length > 0) copy[below(copy.length)] = random() < 0.5 ? below(256) : pick(structuralBytes)
  }
  const cut = random()
  if (cut < 0.15) return copy.subarray(0, below(copy.length + 1))
  if (cut < 0.25) return Buffer.concat([copy, copy.subarray(below(copy.length + 1))])
  if (cut < 0.3) return Buffer.concat([copy.subarray(0, below(copy.length + 1)), Buffer.from('['.repeat(below(3000)))])
  return copy
}

interface FuzzRequest {
  path: string
  headers: Record<string, string>
  body: Buffer
}

const paths = ['/v1/batch', '/v1/b', '/v1/track', '/v1/t', '/v1/identify', '/v1/g', '/v1/alias']

const fuzzRequest = (): FuzzRequest => {
  const path = pick(paths)
  let value: unknown =
    path === '/v1/batch' || path === '/v1/b'
      ? {
          batch: Array.from({ length: below(6) }, validMessage),
          sentAt: '2026-11-23T12:00:00.000Z',
          writeKey: 'wk_web',
          context: { a: 1 },
        }
      : { ...validMessage(), writeKey: 'wk_web' }
  for (let times = below(4); times > 0; times--) value = mutateValue(value)
  let body: Buffer = Buffer.from(JSON.stringify(value) ?? '')
  if (random() < 0.5) body = mutateBytes(body)
  const headers: Record<string, string> = {}
  if (random() < 0.6)
    headers['authorization'] = pick(['Basic d2tfd2ViOg==', 'Basic d2tfd2ViOg==', 'Basic !!', 'Basic ', 'Bearer x'])
  if (random() < 0.1) headers['x-write-key'] = pick(['wk_web:s', ':', 'wk:***'])
  if (random() < 0.15) headers['x-strict-mode'] = '1'
  if (random() < 0.1) headers['sentat'] = pick(['2026-11-23T12:00:00.000Z', 'x', ''])
  if (random() < 0.1) headers['user-agent'] = pick(['Mozilla/5.0 (bot)', '', 'x'.repeat(600)])
  if (random() < 0.15) {
    headers['content-encoding'] = pick(['gzip', 'deflate', 'br', 'zstd', 'identity', 'x'])
    if (headers['content-encoding'] === 'gzip') body = random() < 0.5 ? gzipSync(body) : mutateBytes(gzipSync(body))
  }
  return { path, headers, body }
}

/** Every status that is documented, with its codes. */
const documented = new Map<number, Set<string>>()
const document = (status: number, code: string): void => {
  documented.set(status, (documented.get(status) ?? new Set()).add(code))
}
for (const [code, { permissive, strict }] of Object.entries(rejections)) {
  document(permissive, code)
  document(strict, code)
}
for (const [code, status] of Object.entries(answers)) if (code !== 'internal') document(status, code)

const isDocumented = (status: number, code: string): boolean => documented.get(status)?.has(code) === true

test(`takes ${inProcessRequests} mutated requests without a throw or a loss (MILLRACE_SEED=${seed})`, async (t) => {
  t.diagnostic(`seed ${seed}`)
  let stored = 0
  const kept = new Set<string>()
  const writer = new BlockWriter(async (bytes) => {
    const block = new Block(Buffer.from(bytes))
    for (let index = 0; index < block.rowCount; index++) {
      if (!block.isMessage(index)) assert.ok(block.rejection(index).code in rejections)
      else {
        stored++
        // Readers must be able to read what was accepted: this throws when slice, envelope or overlay are wrong.
        const { messageId } = block.message(index)
        if (messageId.startsWith('good-')) kept.add(messageId)
      }
    }
  }, new Uint8Array(8))
  const rejectionStore = new RejectionStore(writer, 1e9, 1e9, Date.now)
  const tools = {
    clientAddress: new ClientAddress([]),
    userAgents: new UserAgents(),
    newMessageId: () => `new-${random()}`,
  }
  const acceptor = new Acceptor(defaultLimits, tools, writer, rejectionStore)
  const sources = new SourceTable([testSource('web'), testSource('other')])
  let promised = 0
  const waiter: AcceptWaiter = {
    accepted: (_, messages) => (promised += messages),
    settled: (error) => assert.equal(error, undefined),
  }
  const accept = (path: string, headers: Record<string, string>, body: Buffer) =>
    acceptor.accept(
      sources,
      { route: routeOf(path) as Route, headers, query: '', receivedAtMs: Date.now(), socket: {} },
      body,
      waiter,
    )

  const rssBefore = process.memoryUsage().rss
  let good = 0
  const seen = new Map<string, number>()
  for (let count = 0; count < inProcessRequests; count++) {
    const { path, headers, body } = fuzzRequest()
    const result = accept(path, headers, body)
    if (typeof result !== 'string')
      assert.ok(isDocumented(result.status, result.code), `${result.status} ${result.code}`)
    const outcome = typeof result === 'string' ? result : result.code
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
    if (count % 50 === 0) {
      const message = Buffer.from(JSON.stringify(goodMessage(`good-${good++}`)))
      assert.equal(accept('/v1/track', { authorization: 'Basic d2tfd2ViOg==' }, message), 'waiting')
      await writer.idle()
    }
  }
  await writer.idle()
  t.diagnostic(`outcomes ${JSON.stringify(Object.fromEntries(seen))}`)
  assert.equal(kept.size, good)
  assert.equal(stored, promised)
  assert.ok(process.memoryUsage().rss - rssBefore < 300 * 1024 * 1024)
  // The mutations must reach both sides, or the test tests nothing.
  for (const code of ['waiting', 'invalid_json', 'invalid_utf8', 'invalid_encoding', 'no_write_key', 'no_event'])
    assert.ok(seen.has(code), code)
})

test(`answers ${socketRequests} mutated requests over sockets with documented answers only (MILLRACE_SEED=${seed})`, async () => {
  await using server = await startTestServer({ limits: { bodyTimeoutMs: 200, headersTimeoutMs: 1000 } }, [
    testSource('web'),
  ])
  const exchange = (bytes: Buffer): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(server.port, '127.0.0.1')
      const chunks: Buffer[] = []
      socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      socket.on('error', () => {})
      socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
      socket.end(bytes)
    })
  let good = 0
  const worker = async (requests: number): Promise<void> => {
    for (let count = 0; count < requests; count++) {
      const { path, headers, body } = fuzzRequest()
      const length = random() < 0.05 ? below(body.length * 2 + 1) : body.length
      const lines = Object.entries({ ...headers, 'content-length': String(length) }).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      )
      let bytes: Buffer = Buffer.concat([
        Buffer.from(`POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${lines.join('')}\r\n`),
        body,
      ])
      if (random() < 0.1) bytes = mutateBytes(bytes)
      for (const answer of (await exchange(bytes)).split(/(?=HTTP\/1\.1 )/)) {
        if (answer === '') continue
        const status = Number(answer.slice(9, 12))
        const text = answer.slice(answer.indexOf('\r\n\r\n') + 4)
        if (status === 200) assert.match(text, /^(\{"success":true\})?$/)
        // Without JSON it is node's own answer to broken framing.
        else if (text.startsWith('{'))
          assert.ok(isDocumented(status, (JSON.parse(text) as { code: string }).code), answer)
        else assert.ok([400, 408, 431, 501].includes(status), answer)
      }
      if (count % 10 === 0) assert.equal((await server.post('/v1/track', goodMessage(`good-${good++}`))).status, 200)
    }
  }
  await Promise.all(Array.from({ length: 20 }, () => worker(socketRequests / 20)))
  await server.api.drain()
  const kept = new Set(server.log.messageIds.filter((id) => id.startsWith('good-')))
  assert.equal(kept.size, good)
})
