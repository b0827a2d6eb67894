import { type DuckDBAppender, type DuckDBConnection, DuckDBTimestampValue } from '@duckdb/node-api'
import type { ColumnType, StoredValue } from '../../layout/cell.ts'

const appendValue = (appender: DuckDBAppender, type: ColumnType | undefined, value: StoredValue | undefined): void => {
  if (value === undefined || type === undefined) return appender.appendNull()
  switch (type) {
    case 'varchar':
      return appender.appendVarchar(String(value))
    case 'bigint':
      return appender.appendBigInt(BigInt(value))
    case 'double':
      return appender.appendDouble(Number(value))
    case 'boolean':
      return appender.appendBoolean(value === true)
    case 'timestamp':
      return appender.appendTimestamp(new DuckDBTimestampValue(BigInt(value)))
  }
}

/**
 * Writes rows to a table within the transaction of the connection. The types are those of all the table's columns, in
 * their order; values that a row does not have are null.
 *
 * Measured (32 columns, two rows a message, commit included, µs of CPU a message at 2,000 / 200 messages a load): row
 * appender 27 / 44, data chunks 33 / 68, from_json over one parameter 30 / 46 and 2-4 times the cost for small tables.
 */
export const appendRows = async (
  connection: DuckDBConnection,
  target: { catalog?: string; schema: string; table: string },
  types: readonly (ColumnType | undefined)[],
  rows: readonly (readonly (StoredValue | undefined)[])[],
): Promise<void> => {
  const appender = await connection.createAppender(target.table, target.schema, target.catalog ?? null)
  try {
    for (const row of rows) {
      for (let i = 0; i < types.length; i++) appendValue(appender, types[i], row[i])
      appender.endRow()
    }
    appender.flushSync()
  } finally {
    appender.closeSync()
  }
}
