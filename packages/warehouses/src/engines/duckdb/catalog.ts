import type { DuckDBConnection } from '@duckdb/node-api'
import type { ColumnType } from '../../layout/cell.ts'
import type { PlannedColumn, StoredColumn } from '../../layout/table-batch.ts'

/** Beyond this many tables of one schema, properties of new events are kept in `_dropped`: an event name is not data. */
export const maxTablesPerSchema = 2000

const typeOfSql: Record<string, ColumnType> = {
  VARCHAR: 'varchar',
  BIGINT: 'bigint',
  DOUBLE: 'double',
  BOOLEAN: 'boolean',
  TIMESTAMP: 'timestamp',
}

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`
export const qualified = (schema: string, table: string): string => `${quote(schema)}.${quote(table)}`

/** The tables and columns of the file, read once and kept up to date by the loads: nobody else can change them. */
export class Catalog {
  readonly #connection: DuckDBConnection
  #schemas = new Map<string, Map<string, StoredColumn[]>>()

  constructor(connection: DuckDBConnection) {
    this.#connection = connection
  }

  /** Reads the catalog anew: at the start, and after a transaction that was rolled back. */
  async refresh(): Promise<void> {
    const reader = await this.#connection.runAndReadAll(
      'SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() ' +
        'WHERE NOT internal AND database_name = current_database() ORDER BY table_oid, column_index',
    )
    this.#schemas = new Map()
    for (const [schema, table, name, type] of reader.getRows()) {
      this.#tableOf(String(schema), String(table)).push({ name: String(name), type: typeOfSql[String(type)] })
    }
  }

  columns(schema: string, table: string): readonly StoredColumn[] {
    return this.#schemas.get(schema)?.get(table) ?? []
  }

  has(schema: string, table: string): boolean {
    return this.#schemas.get(schema)?.has(table) === true
  }

  tableCount(schema: string): number {
    return this.#schemas.get(schema)?.size ?? 0
  }

  /** Makes the table what the columns say. Values that lose digits by widening are reported to `beforeWidening`. */
  async evolve(
    schema: string,
    table: string,
    columns: readonly PlannedColumn[],
    beforeWidening: (column: PlannedColumn) => Promise<void>,
  ): Promise<void> {
    const name = qualified(schema, table)
    const define = (column: PlannedColumn): string => `${quote(column.name)} ${column.type ?? 'varchar'}`
    if (!this.has(schema, table)) {
      if (!this.#schemas.has(schema)) await this.#connection.run(`CREATE SCHEMA IF NOT EXISTS ${quote(schema)}`)
      await this.#connection.run(`CREATE TABLE ${name} (${columns.map(define).join(', ')})`)
    } else {
      for (const column of columns) {
        if (column.isNew) await this.#connection.run(`ALTER TABLE ${name} ADD COLUMN ${define(column)}`)
        else if (column.isWidened) {
          await beforeWidening(column)
          await this.#connection.run(`ALTER TABLE ${name} ALTER COLUMN ${quote(column.name)} TYPE double`)
        }
      }
    }
    const stored = this.#tableOf(schema, table)
    stored.length = 0
    for (const { name, type } of columns) stored.push({ name, type })
  }

  #tableOf(schema: string, table: string): StoredColumn[] {
    let tables = this.#schemas.get(schema)
    if (tables === undefined) this.#schemas.set(schema, (tables = new Map()))
    let columns = tables.get(table)
    if (columns === undefined) tables.set(table, (columns = []))
    return columns
  }
}
