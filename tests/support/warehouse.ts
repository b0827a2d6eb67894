import assert from 'node:assert/strict'
import type { ApiClient } from '@millrace/api-client'
import { eventually } from './eventually.ts'

/** Tables that hold each message of their type once; the others repeat them. */
const messageTables = ['tracks', 'identifies', 'pages', 'screens', 'groups', 'aliases']

export interface TableCount {
  table: string
  rows: number
  ids: number
}

/** Reads the warehouse through the API; waits while it is being opened. */
export const query = async (api: ApiClient, sql: string, destination = 'warehouse') => {
  const { rows, truncated } = await eventually(
    `the warehouse answers ${sql.slice(0, 80)}`,
    () => api.sql(destination, { sql, maxRows: 10_000 }),
    { timeoutMs: 30_000 },
  )
  assert.ok(!truncated, `${sql} has more rows than the API gives`)
  return rows
}

/** Rows and distinct ids of every table of a schema. */
export const countTables = async (api: ApiClient, schema: string, destination?: string): Promise<TableCount[]> => {
  const tables = (
    await query(
      api,
      `select table_name from information_schema.tables where table_schema = '${schema}' and table_type = 'BASE TABLE'
       and table_name not like '\\_%' escape '\\' order by 1`,
      destination,
    )
  ).map(([name]) => String(name))
  if (tables.length === 0) return []
  const counts = tables.map(
    (table) => `select '${table}', count(*)::int, count(distinct id)::int from "${schema}"."${table}"`,
  )
  return (await query(api, counts.join(' union all '), destination)).map(([table, rows, ids]) => ({
    table: String(table),
    rows: Number(rows),
    ids: Number(ids),
  }))
}

/** How many messages the counted tables hold. */
export const messagesIn = (counts: readonly TableCount[]): number =>
  counts.filter(({ table }) => messageTables.includes(table)).reduce((sum, { rows }) => sum + rows, 0)

/** The ids of all messages in the warehouse, read in pages. */
export const warehouseIds = async (api: ApiClient, schema: string, counts: readonly TableCount[]) => {
  const ids = new Set<string>()
  for (const { table, rows } of counts) {
    if (!messageTables.includes(table)) continue
    let after = ''
    for (let read = 0; read < rows;) {
      const page = await query(
        api,
        `select id from "${schema}"."${table}" where id > '${after}' order by id limit 10000`,
      )
      if (page.length === 0) break
      for (const [id] of page) ids.add(String(id))
      read += page.length
      after = String(page.at(-1)?.[0])
    }
  }
  return ids
}
