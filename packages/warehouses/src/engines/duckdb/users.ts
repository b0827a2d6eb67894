import { type DuckDBConnection, DuckDBTimestampValue, LIST, listValue, VARCHAR } from '@duckdb/node-api'
import type { Cell, StoredValue } from '../../layout/cell.ts'
import type { Row } from '../../layout/rows.ts'
import type { PlannedColumn, TableBatch } from '../../layout/table-batch.ts'
import { appendRows } from './append.ts'
import { qualified, quote } from './catalog.ts'

/** One user's columns from several identifies, and how they meet the stored row. */
interface FoldedUser {
  row: Row
  /** `insert`: no such user yet; `override`: newer than the stored row; `fill`: older, only its empty columns. */
  mode: 'insert' | 'override' | 'fill'
}

type Values = readonly (StoredValue | undefined)[]

/**
 * The upsert of `users` (contract, item 8): per column the newest value that is not null, by `received_at`, over the stored
 * row and the new identifies. The stored row counts as a whole at its own `received_at`.
 */
export class UsersUpsert {
  readonly #connection: DuckDBConnection
  readonly #schema: string
  readonly #values: Record<FoldedUser['mode'], Values[]> = { insert: [], override: [], fill: [] }

  constructor(connection: DuckDBConnection, schema: string) {
    this.#connection = connection
    this.#schema = schema
  }

  /** Folds the rows by user, against the stored rows when the table exists. */
  async fold(rows: readonly Row[], tableExists: boolean): Promise<FoldedUser[]> {
    const byUser = Map.groupBy(rows, ({ id }) => id)
    const stored = tableExists ? await this.#storedTimes([...byUser.keys()]) : new Map<string, bigint>()
    const folded: FoldedUser[] = []
    for (const [id, ofUser] of byUser) {
      const inOrder = ofUser.toSorted((a, b) => Number((a.receivedAt ?? 0n) - (b.receivedAt ?? 0n)))
      const time = stored.get(id)
      if (time === undefined) {
        folded.push({ row: foldRows(inOrder), mode: 'insert' })
        continue
      }
      const newer = inOrder.filter(({ receivedAt }) => (receivedAt ?? 0n) >= time)
      const older = inOrder.filter(({ receivedAt }) => (receivedAt ?? 0n) < time)
      if (newer.length > 0) folded.push({ row: foldRows(newer), mode: 'override' })
      if (older.length > 0) folded.push({ row: foldRows(older), mode: 'fill' })
    }
    return folded
  }

  /** Takes the row that the batch made of the folded user. */
  take(user: FoldedUser, values: Values): void {
    this.#values[user.mode].push(values)
  }

  /** Writes what was taken, once the table has its columns. */
  async write(batch: TableBatch): Promise<void> {
    const types = batch.columns.map(({ type }) => type)
    const { insert, fill, override } = this.#values
    if (insert.length > 0) await appendRows(this.#connection, { schema: this.#schema, table: 'users' }, types, insert)
    if (fill.length > 0) await this.#update(batch.columns, fill, (column) => `coalesce(u.${column}, s.${column})`)
    if (override.length > 0)
      await this.#update(batch.columns, override, (column) => `coalesce(s.${column}, u.${column})`)
  }

  async #update(
    columns: readonly PlannedColumn[],
    rows: readonly Values[],
    merged: (column: string) => string,
  ): Promise<void> {
    const used = columns.filter(({ index }) => rows.some((row) => row[index] !== undefined))
    const definitions = used.map(({ name, type }) => `${quote(name)} ${type ?? 'varchar'}`)
    await this.#connection.run(`CREATE TEMP TABLE _merge (${definitions.join(', ')})`)
    const values = rows.map((row) => used.map(({ index }) => row[index]))
    const types = used.map(({ type }) => type)
    await appendRows(this.#connection, { catalog: 'temp', schema: 'main', table: '_merge' }, types, values)
    const assignments = used
      .filter(({ name }) => name !== 'id')
      .map(({ name }) => `${quote(name)} = ${merged(quote(name))}`)
    if (assignments.length > 0) {
      await this.#connection.run(
        `UPDATE ${qualified(this.#schema, 'users')} AS u SET ${assignments.join(', ')} FROM temp.main._merge AS s WHERE u.id = s.id`,
      )
    }
    await this.#connection.run('DROP TABLE temp.main._merge')
  }

  async #storedTimes(ids: readonly string[]): Promise<Map<string, bigint>> {
    const reader = await this.#connection.runAndReadAll(
      `SELECT id, received_at FROM ${qualified(this.#schema, 'users')} WHERE id IN (SELECT unnest($1))`,
      [listValue(ids)],
      [LIST(VARCHAR)],
    )
    return new Map(
      reader.getRows().map(([id, time]) => [String(id), time instanceof DuckDBTimestampValue ? time.micros : 0n]),
    )
  }
}

const foldRows = (inOrder: readonly Row[]): Row => {
  const [first] = inOrder
  if (first === undefined) throw new Error('a user without identifies cannot be folded: group the rows first')
  if (inOrder.length === 1) return first
  const cells = new Map<string, Cell>()
  for (const row of inOrder) for (const cell of row.cells) cells.set(cell.column, cell)
  return { ...first, receivedAt: inOrder.at(-1)?.receivedAt, cells: [...cells.values()] }
}
