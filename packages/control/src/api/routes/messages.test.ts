import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import type { TailEntry } from '@millrace/protocol'
import { jsonSchemaProblem } from '../../testing/json-schema-problem.ts'
import { startControlServer } from '../../testing/test-control-server.ts'
import { violationsSchema } from '../answer-schemas.ts'
import type { TailOptions } from '../dependencies.ts'

const entry = (index: number): TailEntry => ({
  position: `0:${index}`,
  source: 'web',
  receivedAt: '2026-01-02T00:00:00.000Z',
  message: { type: 'track', event: `e${index}` } as NonNullable<TailEntry['message']>,
})

/** A log that grows when the test says so. */
class FakeLog {
  readonly entries: TailEntry[] = []
  readonly calls: TailOptions[] = []
  waiting = 0
  #wake = () => {}

  add(count: number): void {
    for (let added = 0; added < count; added++) this.entries.push(entry(this.entries.length))
    this.#wake()
  }

  tail = async (options: TailOptions) => {
    this.calls.push(options)
    const { from, limit } = options
    const start = from === undefined ? Math.max(0, this.entries.length - limit) : Number(from.split(':')[1])
    const entries = this.entries.slice(start, start + limit)
    return { entries, next: `0:${start + entries.length}` }
  }

  tailChanged = async (next: string, signal: AbortSignal) => {
    if (Number(next.split(':')[1]) < this.entries.length) return
    this.waiting++
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      signal.addEventListener('abort', () => resolve())
    })
    this.waiting--
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; round < 20_000 && !condition(); round++) await new Promise((resolve) => setImmediate(resolve))
  assert.ok(condition())
}

describe('a trace', () => {
  it('is 404 for a message that is not known', async () => {
    await using server = await startControlServer()
    const { status, text } = await server.send('GET', '/api/messages/m-1')
    assert.equal(status, 404)
    assert.match(text, /m-1/)
  })

  it('is answered as the services give it', async () => {
    const trace = { ...entry(0), messageId: 'm', type: 'track' as const, message: {} as never, stages: [] }
    await using server = await startControlServer({ trace: async (messageId) => ({ messageId, traces: [trace] }) })
    assert.deepEqual((await server.send('GET', '/api/messages/m')).json, { messageId: 'm', traces: [trace] })
  })
})

describe('the live view', () => {
  it('gives pages that continue where the last one ended', async () => {
    const log = new FakeLog()
    log.add(5)
    await using server = await startControlServer({ tail: log.tail })
    const page = async (query: string) => (await server.send('GET', `/api/tail?${query}`)).json
    assert.deepEqual(await page('limit=2'), { entries: [entry(3), entry(4)], next: '0:5' })
    assert.deepEqual(await page('from=0:1&limit=2&source=web'), { entries: [entry(1), entry(2)], next: '0:3' })
    assert.deepEqual(log.calls[1], { from: '0:1', limit: 2, source: 'web' })
  })

  it('streams the newest entries, then each new one as it comes', async () => {
    const log = new FakeLog()
    log.add(3)
    await using server = await startControlServer({ tail: log.tail, tailChanged: log.tailChanged })
    const response = await server.open('GET', '/api/tail/stream?limit=2')
    const lines = createInterface({ input: response })[Symbol.asyncIterator]()
    const next = async () => (JSON.parse(String((await lines.next()).value)) as TailEntry).position
    assert.deepEqual([await next(), await next()], ['0:1', '0:2'])
    log.add(2)
    assert.deepEqual([await next(), await next()], ['0:3', '0:4'])
    log.add(1)
    assert.equal(await next(), '0:5')
    response.destroy()
    await until(() => log.waiting === 0)
  })

  it('stops reading the log while the client does not read, and stops when it leaves', async () => {
    const big = { ...entry(0), message: { type: 'track', event: 'x'.repeat(100_000) } as never }
    let pages = 0
    let open = true
    const tail = async () => {
      pages++
      await new Promise((resolve) => setImmediate(resolve))
      return { entries: Array.from({ length: 10 }, () => big), next: '0:1' }
    }
    await using server = await startControlServer({ tail })
    const response = await server.open('GET', '/api/tail/stream?from=0:0')
    response.on('close', () => (open = false))
    let before = -1
    // The buffers of both sides hold some megabytes; then nothing moves any more.
    for (let quiet = 0; quiet < 200; quiet = pages === before ? quiet + 1 : 0) {
      before = pages
      assert.ok(pages < 200, 'the server goes on reading for a client that does not')
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.ok(pages > 0)
    response.destroy()
    await until(() => !open)
    const end = pages
    for (let round = 0; round < 100; round++) await new Promise((resolve) => setImmediate(resolve))
    assert.ok(pages <= end + 1)
  })

  it('ends when the server shuts down', async () => {
    const shutdown = new AbortController()
    const log = new FakeLog()
    await using server = await startControlServer({
      tail: log.tail,
      tailChanged: log.tailChanged,
      shutdown: shutdown.signal,
    })
    const response = await server.open('GET', '/api/tail/stream')
    shutdown.abort()
    let text = ''
    for await (const chunk of response) text += String(chunk)
    assert.equal(text, '')
  })

  it('answers with a status when it cannot begin, and with a last line when it breaks later', async () => {
    let calls = 0
    const tail = async () => {
      calls++
      if (calls !== 2) throw new Error('broken: sesame')
      return { entries: [entry(0)], next: '0:1' }
    }
    await using server = await startControlServer({ tail })
    assert.equal((await server.send('GET', '/api/tail/stream')).status, 500)
    const { status, text } = await server.send('GET', '/api/tail/stream')
    assert.equal(status, 200)
    const lines = text.trimEnd().split('\n')
    assert.deepEqual(JSON.parse(lines[0] ?? ''), entry(0))
    assert.match(lines[1] ?? '', /^\{"error":\{"code":"internal"/)
    assert.ok(!text.includes('sesame'))
    assert.equal(server.errors.length, 2)
  })
})

describe('violations', () => {
  it('are answered for one source, and fit their schema', async () => {
    const last = { at: '2026-01-02T00:00:00.000Z', messageId: 'm', reason: 'properties.total is null.' }
    const counted = { property: 'products[].price', kind: 'type', messages: 3, firstAt: last.at, last } as const
    await using server = await startControlServer({
      violations: async ({ source = 'none' }) => [{ source, event: 'Order Completed', ...counted }],
    })
    const { json } = await server.send('GET', '/api/violations?source=web')
    assert.deepEqual(json, { violations: [{ source: 'web', event: 'Order Completed', ...counted }] })
    assert.equal(jsonSchemaProblem(json, violationsSchema), undefined)
  })
})
