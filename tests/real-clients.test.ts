import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Analytics as CustomerIo } from '@customerio/cdp-analytics-node'
import type { Json, JsonObject } from '@millrace/protocol'
import { removeFolder, temporaryFolder } from '@millrace/testkit'
import RudderStack from '@rudderstack/rudder-sdk-node'
import { Analytics as Segment } from '@segment/analytics-node'
import { assertBalanced, drained } from './support/accounts.ts'
import { callsOf } from './support/clients/calls.ts'
import type { Call } from './support/clients/calls.ts'
import { assertArrivedAsCalled, assertArrivedAsSent, assertRowOf, wireMessages } from './support/clients/compare.ts'
import { eventually } from './support/eventually.ts'
import { startJsonReceiver } from './support/json-receiver.ts'
import type { JsonReceiver } from './support/json-receiver.ts'
import { startRecordingProxy } from './support/recording-proxy.ts'
import type { RecordingProxy } from './support/recording-proxy.ts'
import { ServerUnderTest } from './support/server-under-test.ts'

/**
 * The public Node clients, unmodified; only their host is set. Each makes every call that it has. What the webhook and the
 * warehouse received is compared, message by message, with what was called and with what the client put on the wire.
 */
interface Rig {
  server: ServerUnderTest
  receiver: JsonReceiver
  proxy: RecordingProxy
}

const withServer = async (source: string, use: (rig: Rig) => Promise<void>): Promise<void> => {
  const folder = await temporaryFolder()
  try {
    await using receiver = await startJsonReceiver()
    const workspace = {
      sources: { [source]: { type: 'http', writeKeys: [`wk_${source}`] } },
      destinations: {
        hook: { type: 'webhook', settings: { url: receiver.url, batchSize: 50 } },
        warehouse: { type: 'duckdb', settings: { path: './warehouse.duckdb' } },
      },
      network: { allow: ['127.0.0.0/8'] },
    }
    await using server = await ServerUnderTest.start({ folder, workspace })
    await using proxy = await startRecordingProxy(server.url)
    await use({ server, receiver, proxy })
  } finally {
    await removeFolder(folder)
  }
}

/** Everything that was called has arrived, once, as it was called and as it was sent; and nothing else has. */
const assertAllArrived = async ({ server, receiver, proxy }: Rig, source: string, calls: readonly Call[]) => {
  await eventually(`${calls.length} messages are received`, () =>
    receiver.messages.length >= calls.length ? true : undefined,
  )
  await drained(server)
  const arrived = new Map(receiver.messages.map((message) => [idOf(message), message]))
  const sent = new Map(wireMessages(proxy.requests).map((each) => [idOf(each.message), each]))
  assert.equal(receiver.messages.length, calls.length, 'each message arrives once')
  for (const { status, path } of proxy.requests) assert.deepEqual([status, path], [200, '/v1/batch'])
  for (const call of calls) {
    const id = call.parameters.messageId ?? ''
    const message = arrived.get(id)
    const wire = sent.get(id)
    assert.ok(message !== undefined, `${id} did not arrive`)
    assert.ok(wire !== undefined, `${id} was not sent`)
    assertArrivedAsCalled(message, call)
    assertArrivedAsSent(message, wire)
    await assertInWarehouse(server, source, call, message)
  }
  await assertBalanced(server)
}

const idOf = (message: JsonObject): string => message['messageId'] as string

const tables = {
  identify: 'identifies',
  track: 'tracks',
  page: 'pages',
  screen: 'screens',
  group: 'groups',
  alias: 'aliases',
}

const assertInWarehouse = async (server: ServerUnderTest, source: string, call: Call, message: JsonObject) => {
  const { method, columns } = call
  const names = [tables[method], ...(method === 'track' ? [columns['event'] as string] : [])]
  const own = Object.entries(columns)
  for (const [index, table] of names.entries()) {
    const row = await rowOf(server, `select * from "${source}"."${table}" where id = '${idOf(message)}'`)
    assertRowOf(row, message)
    // A track call has its properties in the event's table alone.
    const expected = names.length === 2 && index === 0 ? own.filter(([name]) => /^(event|context_)/.test(name)) : own
    for (const [name, value] of expected)
      assert.deepEqual(row[name], value, `${table}.${name} of ${row['id'] as string}`)
  }
}

const rowOf = async (server: ServerUnderTest, sql: string): Promise<Record<string, Json>> => {
  const { columns, rows } = await server.api.sql('warehouse', { sql })
  assert.equal(rows.length, 1, sql)
  return Object.fromEntries(columns.map((name, index) => [name, rows[0]?.[index] ?? null]))
}

/** Many calls at once, so that the client makes several batches by its own rules. */
const manyTracks = (client: string, count: number): Call[] =>
  Array.from({ length: count }, (_, index) => ({
    method: 'track' as const,
    parameters: {
      userId: `user-${index % 7}`,
      event: 'Counted',
      properties: { index },
      messageId: `${client}-many-${index}`,
    },
    columns: { event: 'counted', index },
  }))

test('@segment/analytics-node: every call arrives as it was made', { timeout: 120_000 }, () =>
  withServer('segment', async (rig) => {
    const analytics = new Segment({ writeKey: 'wk_segment', host: rig.proxy.url, flushAt: 10, flushInterval: 200 })
    await analytics.ready
    const failures: unknown[] = []
    analytics.on('error', (error) => failures.push(error))
    const calls = callsOf('segment')
    for (const { method, parameters } of calls) callSegmentLike(analytics, method, parameters)
    await analytics.flush()
    const flushed = wireMessages(rig.proxy.requests).length
    assert.equal(flushed, calls.length, 'flush waits for everything')

    // A number as anonymousId, which the client lets through, and a callback that says the id the client made.
    const numbered: Call = {
      method: 'track',
      parameters: { userId: 'user-n', anonymousId: 77 as unknown as string, event: 'Numbered' },
      columns: { event: 'numbered' },
      arrives: { anonymousId: '77' },
    }
    const made = Promise.withResolvers<string>()
    analytics.track({ userId: 'user-n', anonymousId: 77 as unknown as string, event: 'Numbered' }, (error, context) => {
      if (error === undefined) made.resolve(String(context?.event.messageId))
      else made.reject(new Error('the call failed', { cause: error }))
    })
    const many = manyTracks('segment', 47)
    for (const { method, parameters } of many) callSegmentLike(analytics, method, parameters)
    await analytics.closeAndFlush()
    numbered.parameters.messageId = await made.promise

    const dropped = once(analytics as unknown as NodeJS.EventEmitter, 'call_after_close')
    analytics.track({ userId: 'late', event: 'After Close' })
    await dropped
    assert.deepEqual(failures, [])
    for (const { headers, body } of rig.proxy.requests) {
      assert.match(headers['content-type'] ?? '', /^application\/json/)
      assert.equal(body['writeKey'], 'wk_segment')
      assert.equal(typeof body['sentAt'], 'string')
    }
    await assertAllArrived(rig, 'segment', [...calls, numbered, ...many])
  }),
)

test('@customerio/cdp-analytics-node: every call arrives as it was made', { timeout: 120_000 }, () =>
  withServer('cio', async (rig) => {
    const analytics = new CustomerIo({
      writeKey: 'wk_cio',
      host: rig.proxy.url,
      maxEventsInBatch: 10,
      flushInterval: 200,
    })
    await analytics.ready
    const failures: unknown[] = []
    analytics.on('error', (error) => failures.push(error))
    const calls = [...callsOf('cio'), ...manyTracks('cio', 47)]
    for (const { method, parameters } of calls) callSegmentLike(analytics, method, parameters)
    await analytics.closeAndFlush()
    assert.deepEqual(failures, [])
    for (const { headers, body } of rig.proxy.requests) {
      assert.match(headers['content-type'] ?? '', /^application\/json/)
      assert.deepEqual(Object.keys(body), ['batch'], 'no write key and no sentAt in the body')
    }
    await assertAllArrived(rig, 'cio', calls)
  }),
)

for (const gzip of [true, false]) {
  test(`@rudderstack/rudder-sdk-node, gzip ${gzip}: every call arrives as it was made`, { timeout: 120_000 }, () =>
    withServer('rudder', async (rig) => {
      const failures: unknown[] = []
      const analytics = new RudderStack('wk_rudder', {
        dataPlaneUrl: rig.proxy.url,
        flushAt: 10,
        flushInterval: 200,
        gzip,
        logLevel: 'error',
        errorHandler: (error: unknown) => failures.push(error),
      })
      const numbered: Call = {
        method: 'group',
        parameters: { userId: 12 as unknown as string, groupId: 34 as unknown as string, messageId: 'rudder-numbers' },
        columns: { group_id: '34' },
        arrives: { userId: '12', groupId: '34' },
      }
      const aliased: Call = {
        method: 'alias',
        parameters: { userId: 56 as unknown as string, previousId: 78 as unknown as string, messageId: 'rudder-alias' },
        columns: { previous_id: '78' },
        arrives: { userId: '56', previousId: '78' },
      }
      const calls = [...callsOf('rudder'), numbered, aliased, ...(gzip ? manyTracks('rudder', 47) : [])]
      const delivered = calls.map((call) => {
        const answered = Promise.withResolvers<void>()
        // Parameters and callback are wider in the code than in its types: ids may be numbers, messageId may be given.
        const make = analytics[call.method].bind(analytics) as (
          parameters: object,
          callback: (error?: Error) => void,
        ) => unknown
        make(call.parameters, (error) => (error === undefined ? answered.resolve() : answered.reject(error)))
        return answered.promise
      })
      await analytics.flush()
      await Promise.all(delivered)
      assert.deepEqual(failures, [])
      for (const { headers } of rig.proxy.requests) {
        assert.equal(headers['content-encoding'], gzip ? 'gzip' : undefined)
        assert.match(
          headers['content-type'] ?? '',
          gzip ? /^application\/x-www-form-urlencoded/ : /^application\/json/,
          'the client sends what its documentation does not say',
        )
      }
      await assertAllArrived(rig, 'rudder', withRudderTraits(calls))
    }),
  )
}

/** This client repeats the traits of identify in the context. */
const withRudderTraits = (calls: readonly Call[]): Call[] =>
  calls.map((call) => {
    const { traits, context } = call.parameters
    if (call.method !== 'identify' || traits === undefined) return call
    return { ...call, parameters: { ...call.parameters, context: { ...context, traits } } }
  })

/** Two of the clients have the same methods. */
const callSegmentLike = (
  analytics: Segment | CustomerIo,
  method: Call['method'],
  parameters: Call['parameters'],
): void => {
  // What a method takes depends on its name, which the compiler cannot follow here.
  const make = analytics[method].bind(analytics) as (parameters: object) => void
  make(parameters)
}
