import { type DuckDBConnection, DuckDBTimestampValue, LIST, listValue, TIMESTAMP, VARCHAR } from '@duckdb/node-api'
import type { Row } from '../../layout/rows.ts'
import { qualified } from './catalog.ts'

interface Span {
  oldest: bigint
  newest: bigint
}

/**
 * Finds rows that are loaded already. The cursor is written with the rows, so this happens only when somebody moved a
 * cursor back; it has to be right then, and cost nothing otherwise.
 *
 * A message keeps its time of receipt however often it is read from the log. So a load that is newer than everything
 * in the table holds nothing old, and for any other load only rows of the same span of `received_at` are compared, which the
 * zone maps find without reading the rest. A UNIQUE index would keep every id in memory, and slow every load.
 */
export class LoadedIds {
  readonly #connection: DuckDBConnection
  /** Newest `received_at` by table, as of the last commit. */
  readonly #newest = new Map<string, bigint | undefined>()

  constructor(connection: DuckDBConnection) {
    this.#connection = connection
  }

  /** The ids among the rows that an existing table has already. */
  async among(schema: string, table: string, rows: readonly Row[]): Promise<ReadonlySet<string>> {
    const span = spanOf(rows)
    const newest = await this.#newestOf(schema, table)
    if (span === undefined || newest === undefined || span.oldest > newest) return new Set()
    const reader = await this.#connection.runAndReadAll(
      `SELECT id FROM ${qualified(schema, table)} WHERE received_at BETWEEN $1 AND $2 AND id IN (SELECT unnest($3))`,
      [
        new DuckDBTimestampValue(span.oldest),
        new DuckDBTimestampValue(span.newest),
        listValue(rows.map(({ id }) => id)),
      ],
      [TIMESTAMP, TIMESTAMP, LIST(VARCHAR)],
    )
    return new Set(reader.getRows().map(([id]) => String(id)))
  }

  /** To be called after the commit of the rows. */
  committed(schema: string, table: string, rows: readonly Row[]): void {
    const key = qualified(schema, table)
    const newest = this.#newest.get(key)
    const span = spanOf(rows)
    if (span !== undefined && (newest === undefined || span.newest > newest)) this.#newest.set(key, span.newest)
  }

  async #newestOf(schema: string, table: string): Promise<bigint | undefined> {
    const key = qualified(schema, table)
    if (!this.#newest.has(key)) {
      const reader = await this.#connection.runAndReadAll(`SELECT max(received_at) FROM ${key}`)
      const value = reader.getRows()[0]?.[0]
      this.#newest.set(key, value instanceof DuckDBTimestampValue ? value.micros : undefined)
    }
    return this.#newest.get(key)
  }
}

const spanOf = (rows: readonly Row[]): Span | undefined => {
  let span: Span | undefined
  for (const { receivedAt } of rows) {
    if (receivedAt === undefined) continue
    if (span === undefined) span = { oldest: receivedAt, newest: receivedAt }
    else if (receivedAt < span.oldest) span.oldest = receivedAt
    else if (receivedAt > span.newest) span.newest = receivedAt
  }
  return span
}
