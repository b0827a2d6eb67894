import assert from 'node:assert/strict'
import type { Ledger } from '@millrace/protocol'
import { accountOf, assertBalanced, drained } from './accounts.ts'
import type { Load } from './load.ts'
import type { ServerUnderTest } from './server-under-test.ts'
import { countTables, messagesIn, warehouseIds } from './warehouse.ts'
import type { WebhookRecord } from './webhook-record.ts'

/**
 * After a load has settled: everything that was acknowledged is in the webhook's record and in the warehouse, nothing else
 * is, no row is there twice, and the ledger says the same as the receivers' own records.
 */
export const assertAllDelivered = async (
  server: ServerUnderTest,
  record: WebhookRecord,
  load: Load,
): Promise<Ledger> => {
  await drained(server)
  const { ledger } = await assertBalanced(server)
  const { keys, faults } = await record.update()
  const counts = await countTables(server.api, 'web')
  const ids = await warehouseIds(server.api, 'web', counts)
  const received = new Set(keys.keys())
  const missing = (from: ReadonlySet<string>): string[] =>
    [...load.acknowledged].filter((id) => !from.has(id)).slice(0, 10)
  assert.deepEqual(missing(received), [], 'acknowledged messages are missing from the record of the webhook')
  assert.deepEqual(missing(ids), [], 'acknowledged messages are missing from the warehouse')
  assert.deepEqual(
    [...received].filter((id) => !load.sent.has(id)),
    [],
    'the webhook received what nobody sent',
  )
  assert.deepEqual(faults, [])
  for (const { table, rows, ids: distinct } of counts) assert.equal(rows, distinct, `table ${table} has rows twice`)
  assert.equal(messagesIn(counts), ids.size)

  const source = ledger.sources.find((each) => each.source === 'web')
  assert.ok(source !== undefined)
  assert.equal(source.resolved, received.size)
  assert.equal(source.accepted, source.resolved + source.duplicate)
  assert.ok(source.duplicate <= load.resent, `${source.duplicate} duplicates, but only ${load.resent} were sent again`)
  for (const [destination, has] of [
    ['hook', received.size],
    ['warehouse', ids.size],
  ] as const) {
    const { resolved, delivered, filtered, dead } = accountOf(ledger, destination)
    assert.deepEqual(
      { destination, resolved, delivered, filtered, dead },
      { destination, resolved: has, delivered: has, filtered: {}, dead: {} },
    )
  }
  return ledger
}
