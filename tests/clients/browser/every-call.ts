import assert from 'node:assert/strict'
import type { Json } from '@millrace/protocol'
import { drained } from '../../support/accounts.ts'
import { assertRowOf } from '../../support/clients/compare.ts'
import { eventually } from '../../support/eventually.ts'
import type { Call } from './calls.ts'
import { assertAllArrived, idOf } from './compare.ts'
import { makeCalls } from './page-calls.ts'
import type { BrowserRig, Visit } from './rig.ts'

/** Makes the calls on a page and holds what arrived against them, in the webhook and for one event in the warehouse. */
export const assertEveryCallArrives = async (rig: BrowserRig, visit: Visit, calls: readonly Call[]): Promise<void> => {
  // A snippet has made the call that stands in it before the script was there.
  const before: Call[] = 'head' in visit.client ? [{ method: 'page', args: [], arrives: { type: 'page' } }] : []
  const ids = await makeCalls(visit.page, calls)
  const count = [...before, ...calls].filter(({ arrives }) => arrives !== undefined).length
  await eventually(`${count} messages of ${visit.source} are received`, () =>
    visit.arrived().length >= count ? true : undefined,
  )
  await drained(rig.server)
  const { proxy, source } = visit
  for (const { path, status } of proxy.requests) assert.equal(status, 200, path)
  assertAllArrived(
    { arrived: visit.arrived(), requests: proxy.requests },
    [...before, ...calls],
    [...before.map(() => ids[0] ?? ''), ...ids],
  )
  assert.deepEqual(visit.errors, [], 'the page shows no error')

  const completed = visit.arrived().find(({ event }) => event === 'Order Completed')
  assert.ok(completed !== undefined)
  const row = await rowOf(rig, `select * from "${source}"."order_completed" where id = '${idOf(completed)}'`)
  assertRowOf(row, completed)
  const { order_id: orderId, total, shipping_method: method, context_campaign_name: campaign } = row
  assert.deepEqual(
    { orderId, total, method, campaign },
    { orderId: 'o-1', total: 99.5, method: 'post', campaign: 'spring' },
  )
}

const rowOf = async ({ server }: BrowserRig, sql: string): Promise<Record<string, Json>> => {
  const { columns, rows } = await server.api.sql('warehouse', { sql })
  assert.equal(rows.length, 1, sql)
  return Object.fromEntries(columns.map((name, index) => [name, rows[0]?.[index] ?? null]))
}
