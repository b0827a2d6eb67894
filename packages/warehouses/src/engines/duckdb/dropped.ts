import type { DuckDBConnection } from '@duckdb/node-api'
import type { StoredValue } from '../../layout/cell.ts'
import type { Refused, Row } from '../../layout/rows.ts'
import type { PlannedColumn } from '../../layout/table-batch.ts'
import { appendRows } from './append.ts'
import { type Catalog, qualified, quote } from './catalog.ts'

const columns: readonly PlannedColumn[] = (
  ['table_name', 'row_id', 'column_name', 'value', 'reason', 'received_at'] as const
).map((name, index) => ({
  name,
  index,
  type: name === 'received_at' ? 'timestamp' : 'varchar',
  isNew: true,
  isWidened: false,
}))

/** Values that no column could take, as rows of the schema's `_dropped`. */
export class DroppedValues {
  readonly #rows = new Map<string, (StoredValue | undefined)[][]>()
  count = 0

  add(schema: string, row: Row, refused: readonly Refused[]): void {
    for (const { column, value, reason } of refused) {
      this.count++
      const rows = this.#rows.get(schema)
      const dropped = [row.table, row.id, column, value, reason, row.receivedAt]
      if (rows === undefined) this.#rows.set(schema, [dropped])
      else rows.push(dropped)
    }
  }

  async write(connection: DuckDBConnection, catalog: Catalog): Promise<void> {
    const types = columns.map(({ type }) => type)
    for (const [schema, rows] of this.#rows) {
      await ensureTable(catalog, schema)
      await appendRows(connection, { schema, table: '_dropped' }, types, rows)
    }
  }
}

/** Keeps whole numbers that a double cannot hold. Ours all can; somebody may have inserted others by hand. */
export const keepUnsafeIntegers = async (
  connection: DuckDBConnection,
  catalog: Catalog,
  place: { schema: string; table: string; column: string },
): Promise<void> => {
  const column = quote(place.column)
  const from = `FROM ${qualified(place.schema, place.table)} WHERE ${column} NOT BETWEEN -9007199254740992 AND 9007199254740992`
  const found = await connection.runAndReadAll(`SELECT 1 ${from} LIMIT 1`)
  if (found.currentRowCount === 0) return
  await ensureTable(catalog, place.schema)
  await connection.run(
    `INSERT INTO ${qualified(place.schema, '_dropped')} SELECT $1, id, $2, ${column}::varchar, 'widened to double', received_at ${from}`,
    [place.table, place.column],
  )
}

const ensureTable = async (catalog: Catalog, schema: string): Promise<void> => {
  if (!catalog.has(schema, '_dropped')) await catalog.evolve(schema, '_dropped', columns, async () => {})
}
