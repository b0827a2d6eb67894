import assert from 'node:assert/strict'
import { it } from 'node:test'
import * as fc from 'fast-check'
import type { WarehouseMessage } from '@millrace/component-kit'
import type { Json, JsonObject, Message } from '@millrace/protocol'
import { select } from '../../conformance.ts'
import { temporaryWarehouse } from './temporary-warehouse.ts'

const key = fc.oneof(
  fc.constantFrom('a', 'A', 'id', 'userName', 'user_name', 'order', '', '$', '__proto__', 'constructor', 'context_a'),
  fc.string({ unit: 'binary', maxLength: 6 }),
)
const scalar = fc.oneof(
  fc.constantFrom<Json[]>(
    null,
    '',
    0,
    false,
    1e308,
    2 ** 63,
    -(2 ** 63),
    'NaN',
    '2024-05-06',
    '0001-01-01',
    '9999-12-31T23:59:59.999999Z',
  ),
  fc.string({ unit: 'binary' }),
  // UTF-16 units at random: lone surrogates.
  fc.array(fc.integer({ min: 0xd700, max: 0xe100 }), { maxLength: 4 }).map((units) => String.fromCharCode(...units)),
  fc.double(),
  fc.integer(),
  fc.boolean(),
)
const { object } = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, scalar, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
  object: fc
    .array(fc.tuple(key, tie('value')), { maxLength: 8 })
    .map(
      (entries) =>
        JSON.parse(`{${entries.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',')}}`) as JsonObject,
    ),
}))
const anyMessage = fc.record({
  type: fc.constantFrom('identify', 'track', 'page', 'screen', 'group', 'alias'),
  userId: fc.constantFrom('u1', 'u2', undefined),
  event: fc.oneof(fc.constantFrom('users', 'A', 'a', '$', '_dropped'), fc.string({ unit: 'binary', maxLength: 5 })),
  groupId: fc.string(),
  previousId: fc.string(),
  name: scalar,
  properties: object,
  traits: object,
  context: object,
  originalTimestamp: fc.oneof(fc.string(), fc.constant('2024-05-06T00:00:00Z')),
})

const tables = ['tracks', 'identifies', 'pages', 'screens', 'groups', 'aliases']

it('loads any message, and has a row for each', { timeout: 120_000 }, async () => {
  for (const naming of ['segment', 'rudderstack'] as const) {
    await using warehouse = await temporaryWarehouse(naming)
    await using session = await warehouse.open()
    let loaded = 0
    // One warehouse for all runs: columns and types of earlier messages are in the way of later ones.
    const run = async (drawn: readonly JsonObject[]) => {
      const messages = drawn.map((one, index): WarehouseMessage => {
        const receivedAt = new Date(Date.UTC(2024, 0, 1) + loaded + index).toISOString()
        const message = { ...one, messageId: `m${loaded + index}`, receivedAt, timestamp: receivedAt }
        return { schema: 'Any', message: message as unknown as Message }
      })
      await session.load(messages, { block: loaded, index: 0 })
      loaded += messages.length
    }
    await fc.assert(
      fc.asyncProperty(fc.array(anyMessage, { maxLength: 20 }), (drawn) => run(drawn as unknown as JsonObject[])),
      {
        numRuns: 20,
        endOnFailure: true,
      },
    )
    await run(
      tables.map((table) => ({
        type: table === 'identifies' ? 'identify' : table === 'aliases' ? 'alias' : table.slice(0, -1),
        event: 'e',
      })),
    )
    const all = tables.map((table) => `SELECT id FROM "any".${table}`).join(' UNION ALL ')
    const schema = await select(
      session,
      "SELECT DISTINCT table_schema FROM information_schema.tables WHERE table_name = 'tracks'",
    )
    const sql = `SELECT count(*), count(DISTINCT id) FROM (${all.replaceAll('"any"', `"${String(schema[0]?.[0])}"`)})`
    assert.deepEqual(await select(session, sql), [[loaded, loaded]])
  }
})
