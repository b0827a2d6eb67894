import type { SinkCursor } from '@millrace/component-kit'
import type { DuckDBConnection } from '@duckdb/node-api'

/** By destination, so that a file that was copied from another destination says so instead of skipping messages. */
export const createCursorTable = async (connection: DuckDBConnection): Promise<void> => {
  await connection.run(
    'CREATE TABLE IF NOT EXISTS main._millrace_cursor ' +
      '(destination VARCHAR NOT NULL, block BIGINT NOT NULL, "index" BIGINT NOT NULL, updated_at TIMESTAMP NOT NULL)',
  )
}

export const readCursor = async (
  connection: DuckDBConnection,
  destination: string,
): Promise<SinkCursor | undefined> => {
  const reader = await connection.runAndReadAll(
    'SELECT block, "index" FROM main._millrace_cursor WHERE destination = $1',
    [destination],
  )
  const [row] = reader.getRows()
  return row === undefined ? undefined : { block: Number(row[0]), index: Number(row[1]) }
}

/** Within the transaction of the caller. */
export const writeCursor = async (
  connection: DuckDBConnection,
  destination: string,
  next: SinkCursor,
): Promise<void> => {
  const values = [destination, BigInt(next.block), BigInt(next.index)]
  const updated = await connection.run(
    `UPDATE main._millrace_cursor SET block = $2, "index" = $3, updated_at = current_timestamp AT TIME ZONE 'UTC' WHERE destination = $1`,
    values,
  )
  if (updated.rowsChanged > 0) return
  await connection.run(
    `INSERT INTO main._millrace_cursor VALUES ($1, $2, $3, current_timestamp AT TIME ZONE 'UTC')`,
    values,
  )
}
