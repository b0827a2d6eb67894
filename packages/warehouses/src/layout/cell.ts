import type { Json } from '@millrace/protocol'
import { microsecondsOf } from './datetime.ts'

/** The column types that values can ask for; each engine has its own SQL name for them. */
export const columnTypes = ['varchar', 'bigint', 'double', 'boolean', 'timestamp'] as const
export type ColumnType = (typeof columnTypes)[number]

/** One value of one row, with the column it wants and the type that a new column would get for it. */
export interface Cell {
  column: string
  type: ColumnType
  value: string | number | boolean
  /** For type `timestamp`: microseconds since 1970. */
  micros: bigint | undefined
}

/** What can be written to a column of the type: timestamps as microseconds, everything else as it is. */
export type StoredValue = string | number | boolean | bigint

const maxBigint = 2n ** 63n - 1n
const minBigint = -(2n ** 63n)
const integerText = /^-?(?:0|[1-9]\d{0,18})$/

/** Null, empty text, empty array and empty object are skipped; 0 and false are kept (contract, item 15). */
export const isSkipped = (value: Json | undefined): boolean => {
  if (value === null || value === undefined || value === '') return true
  if (typeof value !== 'object') return false
  if (Array.isArray(value)) return value.length === 0
  for (const _ in value) return false
  return true
}

/** The cell of a value that is not skipped. Arrays (and objects, where one is given) become JSON text (item 18). */
export const cellOf = (column: string, value: Json): Cell => {
  switch (typeof value) {
    case 'string': {
      const micros = microsecondsOf(value)
      return { column, type: micros === undefined ? 'varchar' : 'timestamp', value, micros }
    }
    case 'number':
      // Every whole number below 2^63 is a bigint exactly, beyond 2^53 too: it is the double that it was parsed to.
      return {
        column,
        type: Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? 'bigint' : 'double',
        value,
        micros: undefined,
      }
    case 'boolean':
      return { column, type: 'boolean', value, micros: undefined }
    default:
      return { column, type: 'varchar', value: JSON.stringify(value), micros: undefined }
  }
}

/** A cell whose text stays text, whatever it looks like: ids and names. */
export const textCell = (column: string, value: string): Cell => ({ column, type: 'varchar', value, micros: undefined })

export const storedValue = (cell: Cell): StoredValue =>
  cell.type === 'timestamp' && cell.micros !== undefined ? cell.micros : cell.value

const storedInteger = (text: string): bigint | undefined => {
  if (!integerText.test(text)) return undefined
  const integer = BigInt(text)
  return integer >= minBigint && integer <= maxBigint ? integer : undefined
}

/**
 * The value as a column of the type stores it without loss; undefined when it does not fit (contract, item 19).
 * Text fits numbers and booleans only in their canonical form, so that reading it back gives the text that was sent.
 */
export const fit = (cell: Cell, type: ColumnType): StoredValue | undefined => {
  if (cell.type === type) return storedValue(cell)
  if (type === 'varchar') return String(cell.value)
  if (type === 'double' && cell.type === 'bigint') return cell.value
  if (typeof cell.value !== 'string') return undefined
  if (type === 'bigint') return storedInteger(cell.value)
  if (type === 'boolean' && (cell.value === 'true' || cell.value === 'false')) return cell.value === 'true'
  if (type !== 'double') return undefined
  const number = Number(cell.value)
  return Number.isFinite(number) && String(number) === cell.value ? number : undefined
}
