import assert from 'node:assert/strict'
import type { Json, JsonObject } from '@millrace/protocol'
import { assertBalanced, drained } from '../accounts.ts'
import { eventually } from '../eventually.ts'
import type { ServerUnderTest } from '../server-under-test.ts'
import { query } from '../warehouse.ts'
import type { Call } from './calls.ts'
import type { ClientRig } from './client-rig.ts'
import { assertArrivedAsCalled, assertArrivedAsSent, assertRowOf, wireMessages } from './compare.ts'
import { isAcknowledged } from './conditions.ts'

export interface Expected {
  calls: readonly Call[]
  /** What the client itself gave up: exactly these never arrive. Default: nothing. */
  lost?: readonly Call[]
  /** After a kill the webhook may get a message again, with the same content. Default false. */
  mayRepeat?: boolean
}

/**
 * Everything that was called, but what the client lost, has arrived at webhook and warehouse as it was called and as it was
 * sent; nothing that the server acknowledged is missing; nothing else has arrived.
 */
export const assertAccounted = async (
  { server, receiver, proxy, source }: ClientRig,
  { calls, lost = [], mayRepeat = false }: Expected,
): Promise<void> => {
  const lostIds = new Set(lost.map(idOfCall))
  const kept = calls.filter((call) => !lostIds.has(idOfCall(call)))
  const mine = new Set(calls.map(idOfCall))
  const arrivedMessages = (): JsonObject[] => receiver.messages.filter((message) => mine.has(idOf(message)))
  const arrivedIds = (): Set<string> => new Set(arrivedMessages().map(idOf))
  await eventually(`${kept.length} messages are received`, () => (arrivedIds().size >= kept.length ? true : undefined))
  await drained(server)

  const acknowledged = new Set(wireMessages(proxy.requests.filter(isAcknowledged)).map(({ message }) => idOf(message)))
  const arrived = arrivedIds()
  assert.deepEqual(
    [...acknowledged].filter((id) => !arrived.has(id)),
    [],
    'acknowledged messages did not arrive',
  )
  assert.deepEqual(
    [...arrived].sort(),
    kept.map(idOfCall).sort(),
    'arrived is what was called, but what the client lost',
  )
  assert.deepEqual(
    [...lostIds].filter((id) => acknowledged.has(id)),
    [],
    'what is lost was never acknowledged',
  )
  if (!mayRepeat) assert.equal(arrivedMessages().length, kept.length, 'each message arrives once')

  const sent = Map.groupBy(wireMessages(proxy.requests), ({ message }) => idOf(message))
  const byId = new Map(arrivedMessages().map((message) => [idOf(message), message]))
  for (const call of kept) {
    const id = idOfCall(call)
    const message = byId.get(id) ?? {}
    const copies = sent.get(id) ?? []
    // A resend may carry another sentAt; deduplication keeps the copy that came first.
    const wire = copies.find(({ sentAt }) => time(sentAt) === time(message['sentAt'])) ?? copies[0]
    assert.ok(wire !== undefined, `${id} was not sent`)
    assertArrivedAsCalled(message, call)
    assertArrivedAsSent(message, wire)
    await assertInWarehouse(server, source, call, message)
  }
  for (const id of lostIds) assert.deepEqual(await tablesWith(server, source, id), [], `${id} is in the warehouse`)
  await assertBalanced(server)
}

const idOf = (message: JsonObject): string => message['messageId'] as string
const idOfCall = ({ parameters }: Call): string => parameters.messageId ?? ''
const time = (value: Json | undefined): number | undefined =>
  typeof value === 'string' ? Date.parse(value) : undefined

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
  const { columns, rows } = await eventually('the warehouse answers', () => server.api.sql('warehouse', { sql }))
  assert.equal(rows.length, 1, sql)
  return Object.fromEntries(columns.map((name, index) => [name, rows[0]?.[index] ?? null]))
}

const tablesWith = async (server: ServerUnderTest, source: string, id: string): Promise<string[]> => {
  const named = await query(
    server.api,
    `select table_name from information_schema.tables where table_schema = '${source}'
     and table_name in (${Object.values(tables)
       .map((name) => `'${name}'`)
       .join(', ')})`,
  )
  const found: string[] = []
  for (const [table] of named) {
    const rows = await query(server.api, `select id from "${source}"."${String(table)}" where id = '${id}'`)
    if (rows.length > 0) found.push(String(table))
  }
  return found
}
