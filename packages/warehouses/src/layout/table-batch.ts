import { type Cell, type ColumnType, fit, type StoredValue } from './cell.ts'
import type { Refused, Row } from './rows.ts'

/** The widest table of the common warehouses (contract, item 21). Further values go to `_unmapped`, a JSON object. */
export const maxColumns = 1600
/**
 * Columns that one load adds to a stored table or widens in it. Further values go to `_unmapped` or are refused; later loads go on.
 * Every change costs memory by the width of the table: 1,500 at once took DuckDB 1.4 GB.
 */
export const maxChangesPerLoad = 100
const unmapped = '_unmapped'

/** A column as it will be after the load. */
export interface PlannedColumn {
  name: string
  index: number
  /** Undefined: of a type that a person made by hand; nothing is written to it. */
  type: ColumnType | undefined
  isNew: boolean
  isWidened: boolean
}

/** A column as the warehouse has it. */
export interface StoredColumn {
  name: string
  type: ColumnType | undefined
}

/**
 * Rows on their way to one table, and what has to change in the table before they fit. A new column gets the type of
 * its first value; whole numbers widen to `double` at the first fraction, in a stored column too. No other type widens:
 * one odd message must not turn a column of numbers into text under somebody's report. A value that does not fit is refused.
 */
export class TableBatch {
  readonly columns: PlannedColumn[]
  readonly rows: (StoredValue | undefined)[][] = []
  readonly #byName = new Map<string, PlannedColumn>()
  /** Infinite for a new table: it is created as it has to be. */
  #changesLeft: number

  constructor(stored: readonly StoredColumn[]) {
    this.#changesLeft = stored.length === 0 ? Infinity : maxChangesPerLoad
    this.columns = stored.map((column, index) => ({ ...column, index, isNew: false, isWidened: false }))
    for (const column of this.columns) this.#byName.set(column.name, column)
  }

  /** Adds a row and gives the values that could not be stored. */
  add(row: Row): readonly Refused[] {
    const values: (StoredValue | undefined)[] = []
    values.length = this.columns.length
    let refused = row.refused
    let overflow: [string, Cell['value']][] | undefined
    for (const cell of row.cells) {
      const column = this.#byName.get(cell.column) ?? this.#create(cell)
      if (column === undefined) {
        ;(overflow ??= []).push([cell.column, cell.value])
        continue
      }
      if (column.type === 'bigint' && cell.type === 'double') this.#widen(column)
      const { type } = column
      const value = type === undefined ? undefined : type === cell.type ? (cell.micros ?? cell.value) : fit(cell, type)
      if (value === undefined) refused = [...refused, refusal(cell, column)]
      else values[column.index] = value
    }
    if (overflow !== undefined) this.#overflow(values, overflow)
    this.rows.push(values)
    return refused
  }

  #create(cell: Cell): PlannedColumn | undefined {
    if (cell.column !== unmapped && (this.columns.length >= maxColumns - 1 || this.#changesLeft-- <= 0))
      return undefined
    return this.#append(cell.column, cell.type)
  }

  #append(name: string, type: ColumnType): PlannedColumn {
    const column = { name, index: this.columns.length, type, isNew: true, isWidened: false }
    this.columns.push(column)
    this.#byName.set(name, column)
    return column
  }

  #widen(column: PlannedColumn): void {
    if (!column.isNew && this.#changesLeft-- <= 0) return
    column.type = 'double'
    column.isWidened = !column.isNew
  }

  #overflow(values: (StoredValue | undefined)[], entries: [string, Cell['value']][]): void {
    const column = this.#byName.get(unmapped) ?? this.#append(unmapped, 'varchar')
    values[column.index] = JSON.stringify(Object.fromEntries(entries))
  }
}

const refusal = (cell: Cell, column: PlannedColumn): Refused => ({
  column: cell.column,
  value: String(cell.value),
  reason:
    column.type === undefined ? 'the column has a type that is not loaded' : `${cell.type} does not fit ${column.type}`,
})
