import type { QueryResult } from '@millrace/component-kit'
import {
  type DuckDBConnection,
  type DuckDBResult,
  DuckDBTypeId,
  type Json,
  JsonDuckDBValueConverter,
  StatementType,
} from '@duckdb/node-api'

type Cell = QueryResult['rows'][number][number]

const explain = /^\s*explain\b(?:\s+analyze\b|\s*\([^)]*\))?/i
const integerTypes = new Set([DuckDBTypeId.BIGINT, DuckDBTypeId.UBIGINT, DuckDBTypeId.HUGEINT, DuckDBTypeId.UHUGEINT])

/**
 * Runs one statement that only reads, on a connection of its own. Two walls: the parser must call it SELECT (which WITH,
 * FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE and PRAGMA table_info become) or EXPLAIN of one, and the transaction is read-only and
 * rolled back. Files and settings are closed to the whole process.
 */
export const runQuery = async (
  connection: DuckDBConnection,
  sql: string,
  { maxRows, timeoutMs }: { maxRows: number; timeoutMs: number },
): Promise<QueryResult> => {
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    connection.interrupt()
  }, timeoutMs)
  await connection.run('BEGIN TRANSACTION READ ONLY')
  try {
    const statement = await prepareReading(connection, sql)
    const result = await statement.stream()
    return await readRows(result, maxRows, () => isLate)
  } catch (error) {
    if (isLate)
      throw new Error(`the query took longer than ${timeoutMs} ms; narrow it or allow it more time`, { cause: error })
    throw error
  } finally {
    clearTimeout(timer)
    await connection.run('ROLLBACK').catch(() => {})
  }
}

const prepareReading = async (connection: DuckDBConnection, sql: string) => {
  const prefix = explain.exec(sql)?.[0] ?? ''
  // EXPLAIN ANALYZE runs its statement, so that one must be a reading one as well.
  const inner = await connection.extractStatements(prefix === '' ? sql : sql.slice(prefix.length))
  if (inner.count !== 1) throw new Error(`expected one statement, found ${inner.count}`)
  const statement = await inner.prepare(0)
  if (statement.statementType !== StatementType.SELECT) {
    throw new Error(
      `only reading statements are allowed (SELECT, DESCRIBE, SHOW, EXPLAIN), not ${StatementType[statement.statementType]}`,
    )
  }
  return prefix === '' ? statement : connection.prepare(sql)
}

const readRows = async (result: DuckDBResult, maxRows: number, isLate: () => boolean): Promise<QueryResult> => {
  const columns = result.columnNames()
  const integers = columns.map((_, index) => integerTypes.has(result.columnTypeId(index)))
  const rows: Cell[][] = []
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const values of chunk.convertRows(JsonDuckDBValueConverter)) {
      if (rows.length === maxRows) return { columns, rows, truncated: true }
      rows.push(values.map((value, index) => cellOf(value, integers[index] === true)))
    }
    if (isLate()) throw new Error('interrupted')
  }
  return { columns, rows, truncated: false }
}

/** Decimals, timestamps, blobs and whole numbers beyond 2^53 are text, nested values JSON text. */
const cellOf = (value: Json | null, isInteger: boolean): Cell => {
  if (value !== null && typeof value === 'object') return JSON.stringify(value)
  if (!isInteger || typeof value !== 'string') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
