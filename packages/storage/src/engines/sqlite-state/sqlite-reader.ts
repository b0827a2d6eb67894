import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Cursor } from '../../cursor.ts'
import { decodeKey, encodeKey, prefixEnd } from '../../key.ts'
import type { Key, ScanOptions, StateEntry, StateReader } from '../../state-store.ts'
import { tableOf } from './schema.ts'

interface Row {
  k: Uint8Array
  v: Uint8Array
}

/** Reads through one connection. SQLite answers at once; the promises are the interface's. */
export class SqliteReader implements StateReader {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  readonly #tables = new Set<string>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  async get(space: string, key: Key): Promise<Uint8Array | undefined> {
    const table = this.#table(space)
    if (table === undefined) return undefined
    const row = this.#statement(`SELECT v FROM ${table} WHERE k = ?`).get(encodeKey(key)) as unknown as Row | undefined
    return row?.v
  }

  async scan(space: string, options: ScanOptions = {}): Promise<readonly StateEntry[]> {
    const table = this.#table(space)
    if (table === undefined) return []
    const prefix = options.prefix === undefined ? undefined : encodeKey(options.prefix)
    const bounds: [string, Uint8Array | undefined][] = [
      ['k >= ?', prefix],
      ['k < ?', prefix && prefixEnd(prefix)],
      ['k >= ?', options.from && encodeKey(options.from)],
      ['k < ?', options.to && encodeKey(options.to)],
    ]
    const used = bounds.filter((bound): bound is [string, Uint8Array] => bound[1] !== undefined)
    const where = used.length === 0 ? '' : `WHERE ${used.map(([condition]) => condition).join(' AND ')}`
    const order = options.reverse === true ? 'DESC' : 'ASC'
    const rows = this.#statement(`SELECT k, v FROM ${table} ${where} ORDER BY k ${order} LIMIT ?`).all(
      ...used.map(([, bytes]) => bytes),
      options.limit ?? 1000,
    ) as unknown as Row[]
    return rows.map(({ k, v }) => ({ key: decodeKey(k), value: v }))
  }

  async floor(space: string, key: Key): Promise<StateEntry | undefined> {
    const table = this.#table(space)
    if (table === undefined) return undefined
    const row = this.#statement(`SELECT k, v FROM ${table} WHERE k <= ? ORDER BY k DESC LIMIT 1`).get(
      encodeKey(key),
    ) as unknown as Row | undefined
    return row && { key: decodeKey(row.k), value: row.v }
  }

  async counters(prefix: string): Promise<ReadonlyMap<string, number>> {
    // A range of bytes, as SQLite compares text; its functions count characters otherwise than JavaScript does.
    const end = prefixEnd(Buffer.from(prefix))
    const rows = this.#statement(
      `SELECT name, value FROM counters WHERE name >= ? ${end === undefined ? '' : 'AND name < CAST(? AS TEXT)'}`,
    ).all(prefix, ...(end === undefined ? [] : [end])) as unknown as { name: string; value: number }[]
    return new Map(rows.map(({ name, value }) => [name, value]))
  }

  async cursor(consumer: string): Promise<Cursor | undefined> {
    return this.cursorNow(consumer)
  }

  cursorNow(consumer: string): Cursor | undefined {
    const row = this.#statement('SELECT block, "index" FROM cursors WHERE consumer = ?').get(consumer) as unknown as
      | Cursor
      | undefined
    return row && { block: row.block, index: row.index }
  }

  /** The table of a space, or undefined when nothing was ever put into it. */
  #table(space: string): string | undefined {
    const table = tableOf(space)
    if (!this.#tables.has(table)) {
      const found = this.#statement(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`).get(table)
      if (found === undefined) return undefined
      this.#tables.add(table)
    }
    return table
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#database.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}
