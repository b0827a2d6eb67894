import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import { compareCursors, startOfLog } from '../../cursor.ts'
import type { Cursor } from '../../cursor.ts'
import { encodeKey } from '../../key.ts'
import { CursorMovedBackError } from '../../state-store.ts'
import type { Key, ScanOptions, StateEntry, StateReader, StateStore, StateTransaction } from '../../state-store.ts'
import { configure, tableOf } from './schema.ts'
import { SqliteReader } from './sqlite-reader.ts'

export interface SqliteStateStoreOptions {
  path: string
  /** For the processes that read what another one writes. `transaction` then fails. */
  readOnly?: boolean
  /** Each commit survives a power failure. For state that the log could not bring again, such as the configuration. */
  durable?: boolean
}

/** The embedded state store: one SQLite file, written by one process, read by any. */
export class SqliteStateStore implements StateStore {
  readonly #path: string
  readonly #database: DatabaseSync
  readonly #reader: SqliteReader
  readonly #writer: SqliteTransaction
  readonly #isDurable: boolean
  /** Snapshots have a connection of their own, so that a commit between two of their reads does not show. */
  #snapshots: { database: DatabaseSync; reader: SqliteReader } | undefined
  #snapshotTurn: Promise<unknown> = Promise.resolve()

  private constructor(path: string, database: DatabaseSync, isDurable: boolean) {
    this.#path = path
    this.#isDurable = isDurable
    this.#database = database
    this.#reader = new SqliteReader(database)
    this.#writer = new SqliteTransaction(database, this.#reader)
  }

  static open(options: SqliteStateStoreOptions): SqliteStateStore {
    const database = new DatabaseSync(options.path, { readOnly: options.readOnly ?? false })
    configure(database, options)
    return new SqliteStateStore(options.path, database, options.durable ?? false)
  }

  get(space: string, key: Key): Promise<Uint8Array | undefined> {
    return this.#reader.get(space, key)
  }
  scan(space: string, options?: ScanOptions): Promise<readonly StateEntry[]> {
    return this.#reader.scan(space, options)
  }
  floor(space: string, key: Key): Promise<StateEntry | undefined> {
    return this.#reader.floor(space, key)
  }
  counters(prefix: string): Promise<ReadonlyMap<string, number>> {
    return this.#reader.counters(prefix)
  }
  cursor(consumer: string): Promise<Cursor | undefined> {
    return this.#reader.cursor(consumer)
  }

  async transaction(write: (tx: StateTransaction) => void): Promise<void> {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      write(this.#writer)
      this.#database.exec('COMMIT')
    } catch (error) {
      // A full disk may have rolled back already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      this.#writer.forgetTables()
      throw error
    }
  }

  async sync(): Promise<void> {
    if (this.#isDurable) return
    // A commit that is synced takes all before it along: they are in one file, and it is synced whole. One that writes no
    // page is not synced, so this one does, and leaves nothing behind.
    this.#database.exec('PRAGMA synchronous = FULL')
    try {
      await this.transaction((tx) => {
        tx.setCursor('sync~', startOfLog)
        tx.deleteCursor('sync~')
      })
    } finally {
      this.#database.exec('PRAGMA synchronous = NORMAL')
    }
  }

  snapshot<T>(read: (reader: StateReader) => Promise<T>): Promise<T> {
    const result = this.#snapshotTurn.then(async () => {
      if (this.#snapshots === undefined) {
        const database = new DatabaseSync(this.#path, { readOnly: true })
        configure(database, { readOnly: true })
        this.#snapshots = { database, reader: new SqliteReader(database) }
      }
      const { database, reader } = this.#snapshots
      // BEGIN alone takes no snapshot; the first read does, and the caller's may come after another commit.
      database.exec('BEGIN; SELECT 1 FROM sqlite_schema')
      try {
        return await read(reader)
      } finally {
        database.exec('COMMIT')
      }
    })
    this.#snapshotTurn = result.catch(() => undefined)
    return result
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#snapshotTurn
    this.#snapshots?.database.close()
    this.#snapshots = undefined
    if (this.#database.isOpen) this.#database.close()
  }
}

class SqliteTransaction implements StateTransaction {
  readonly #database: DatabaseSync
  readonly #reader: SqliteReader
  readonly #statements = new Map<string, StatementSync>()
  readonly #tables = new Set<string>()

  constructor(database: DatabaseSync, reader: SqliteReader) {
    this.#database = database
    this.#reader = reader
  }

  put(space: string, key: Key, value: Uint8Array): void {
    this.#statement(`INSERT OR REPLACE INTO ${this.#table(space)} VALUES (?, ?)`).run(encodeKey(key), value)
  }

  delete(space: string, key: Key): void {
    this.#statement(`DELETE FROM ${this.#table(space)} WHERE k = ?`).run(encodeKey(key))
  }

  deleteRange(space: string, from: Key, to: Key): void {
    this.#statement(`DELETE FROM ${this.#table(space)} WHERE k >= ? AND k < ?`).run(encodeKey(from), encodeKey(to))
  }

  add(counter: string, delta: number): void {
    this.#statement(
      'INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value',
    ).run(counter, delta)
  }

  setCursor(consumer: string, cursor: Cursor, options: { rewind?: boolean } = {}): void {
    const current = this.#reader.cursorNow(consumer)
    if (current !== undefined && options.rewind !== true && compareCursors(cursor, current) < 0) {
      throw new CursorMovedBackError(consumer, current, cursor)
    }
    this.#statement('INSERT OR REPLACE INTO cursors VALUES (?, ?, ?)').run(consumer, cursor.block, cursor.index)
  }

  deleteCursor(consumer: string): void {
    this.#statement('DELETE FROM cursors WHERE consumer = ?').run(consumer)
  }

  /** A rollback also takes back tables that the transaction made. */
  forgetTables(): void {
    this.#tables.clear()
  }

  #table(space: string): string {
    const table = tableOf(space)
    if (!this.#tables.has(table)) {
      this.#database.exec(`CREATE TABLE IF NOT EXISTS ${table} (k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID`)
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
