import type { LoadResult, SinkCursor } from '@millrace/component-kit'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Message } from '@millrace/protocol'
import { ColumnNames } from '../../layout/column-names.ts'
import type { Naming } from '../../layout/naming.ts'
import { schemaName } from '../../layout/reserved.ts'
import { type MessageRows, type Row, RowLayout } from '../../layout/rows.ts'
import { TableBatch } from '../../layout/table-batch.ts'
import { appendRows } from './append.ts'
import { Catalog, maxTablesPerSchema } from './catalog.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { DroppedValues, keepUnsafeIntegers } from './dropped.ts'
import { LoadedIds } from './loaded-ids.ts'
import { reservedWords } from './reserved-words.ts'
import { UsersUpsert } from './users.ts'

/** What one load writes to one schema. */
interface SchemaBatch {
  bases: Map<string, MessageRows[]>
  tables: Map<string, TableBatch>
}

/** Loads messages: rows and cursor in one transaction of the connection, which belongs to the loader alone. */
export class Loader {
  readonly #connection: DuckDBConnection
  readonly #destination: string
  readonly #catalog: Catalog
  readonly #loadedIds: LoadedIds
  readonly #names: ColumnNames
  readonly #layout: RowLayout

  private constructor(connection: DuckDBConnection, destination: string, naming: Naming) {
    this.#connection = connection
    this.#destination = destination
    this.#catalog = new Catalog(connection)
    this.#loadedIds = new LoadedIds(connection)
    this.#names = new ColumnNames(naming, reservedWords)
    this.#layout = new RowLayout(this.#names)
  }

  static async create(connection: DuckDBConnection, destination: string, naming: Naming): Promise<Loader> {
    const loader = new Loader(connection, destination, naming)
    await loader.#catalog.refresh()
    return loader
  }

  cursor(): Promise<SinkCursor | undefined> {
    return readCursor(this.#connection, this.#destination)
  }

  /** @param messages Each with the name of its source; consumed once, so that parsed messages need not be kept. */
  async load(messages: Iterable<{ schema: string; message: Message }>, next: SinkCursor): Promise<LoadResult> {
    const batches = this.#layOut(messages)
    await this.#connection.run('BEGIN TRANSACTION')
    try {
      const dropped = new DroppedValues()
      let rows = 0
      for (const [schema, batch] of batches) rows += await this.#write(schema, batch, dropped)
      await dropped.write(this.#connection, this.#catalog)
      await writeCursor(this.#connection, this.#destination, next)
      await this.#connection.run('COMMIT')
      this.#remember(batches)
      return { rows, dropped: dropped.count }
    } catch (error) {
      await this.#connection.run('ROLLBACK').catch(() => {})
      await this.#catalog.refresh()
      throw error
    }
  }

  #layOut(messages: Iterable<{ schema: string; message: Message }>): Map<string, SchemaBatch> {
    const loadTime = new Date().toISOString()
    const batches = new Map<string, SchemaBatch>()
    const seen = new Set<string>()
    for (const { schema: source, message } of messages) {
      const schema = schemaName(this.#names, source)
      const rows = this.#layout.rowsOf(message, loadTime)
      const key = `${schema} ${rows.base.table} ${rows.base.id}`
      if (seen.has(key)) continue
      seen.add(key)
      let batch = batches.get(schema)
      if (batch === undefined) batches.set(schema, (batch = { bases: new Map(), tables: new Map() }))
      const ofBase = batch.bases.get(rows.base.table)
      if (ofBase === undefined) batch.bases.set(rows.base.table, [rows])
      else ofBase.push(rows)
    }
    return batches
  }

  async #write(schema: string, batch: SchemaBatch, dropped: DroppedValues): Promise<number> {
    const users: Row[] = []
    for (const [table, messages] of batch.bases) {
      const bases = messages.map(({ base }) => base)
      const loaded = this.#catalog.has(schema, table) ? await this.#loadedIds.among(schema, table, bases) : new Set()
      for (const { base, event, user } of messages) {
        if (loaded.has(base.id)) continue
        this.#add(schema, batch, base, dropped)
        if (event !== undefined) this.#add(schema, batch, event, dropped)
        if (user !== undefined) users.push(user)
      }
    }
    const upsert = new UsersUpsert(this.#connection, schema)
    const usersBatch = new TableBatch(this.#catalog.columns(schema, 'users'))
    for (const user of await upsert.fold(users, this.#catalog.has(schema, 'users'))) {
      dropped.add(schema, user.row, usersBatch.add(user.row))
      upsert.take(user, usersBatch.rows.at(-1) ?? [])
    }
    let rows = usersBatch.rows.length
    for (const [table, { columns }] of batch.tables) await this.#evolve(schema, table, columns)
    if (rows > 0) await this.#evolve(schema, 'users', usersBatch.columns)
    for (const [table, { columns, rows: values }] of batch.tables) {
      await appendRows(
        this.#connection,
        { schema, table },
        columns.map(({ type }) => type),
        values,
      )
      rows += values.length
    }
    await upsert.write(usersBatch)
    return rows
  }

  #add(schema: string, batch: SchemaBatch, row: Row, dropped: DroppedValues): void {
    let table = batch.tables.get(row.table)
    if (table === undefined) {
      if (
        !this.#catalog.has(schema, row.table) &&
        this.#catalog.tableCount(schema) + batch.tables.size >= maxTablesPerSchema
      ) {
        const value = JSON.stringify(Object.fromEntries(row.cells.map((cell) => [cell.column, cell.value])))
        return dropped.add(schema, row, [{ column: '', value, reason: `the schema has ${maxTablesPerSchema} tables` }])
      }
      batch.tables.set(row.table, (table = new TableBatch(this.#catalog.columns(schema, row.table))))
    }
    dropped.add(schema, row, table.add(row))
  }

  #evolve(schema: string, table: string, columns: TableBatch['columns']): Promise<void> {
    return this.#catalog.evolve(schema, table, columns, ({ name }) =>
      keepUnsafeIntegers(this.#connection, this.#catalog, { schema, table, column: name }),
    )
  }

  #remember(batches: ReadonlyMap<string, SchemaBatch>): void {
    for (const [schema, { bases }] of batches) {
      for (const [table, messages] of bases) {
        this.#loadedIds.committed(
          schema,
          table,
          messages.map(({ base }) => base),
        )
      }
    }
  }
}
