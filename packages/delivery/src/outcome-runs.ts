import type { Cursor } from '@millrace/storage'
import { kindOf, storedKind } from './outcome-kind.ts'
import type { OutcomeKind, StoredKind } from './outcome-kind.ts'

/**
 * Outcomes of consecutive rows of the log, `from` (inclusive) to `to` (exclusive), as runs. One such record is written
 * per commit of a destination, however many messages it covers: a thousand delivered messages take three bytes. A run's value
 * is a number in the record's own table of kinds, so rows that several actions took cost no more. The counts are said once
 * more by source, so that the account can be recounted when retention has removed the rows themselves.
 *
 *   record = toBlock:f64 toIndex:u32 workspaceVersion:u32 runsBytes:u32 run* table     little endian
 *   run    = kind:varint length:varint
 *   table  = JSON: { kinds: [[code, action, code, action, code, …]], counts: { source: { kind: messages } } }
 */
export interface OutcomeRecord {
  from: Cursor
  to: Cursor
  workspaceVersion: number
  runs: OutcomeRuns
  counts: OutcomeCounts
}

/** Messages by source and number of the kind. Rows that never reached delivery are not in it. */
export type OutcomeCounts = ReadonlyMap<string, ReadonlyMap<number, number>>

export class OutcomeRuns {
  /** What the numbers mean. */
  readonly kinds: readonly OutcomeKind[]
  /** Number of the kind and length by turns. */
  readonly items: number[] = []

  constructor(kinds: readonly OutcomeKind[]) {
    this.kinds = kinds
  }

  add(kind: number, length: number): void {
    if (length === 0) return
    const last = this.items.length - 2
    if (last >= 0 && this.items[last] === kind) this.items[last + 1] = (this.items[last + 1] as number) + length
    else this.items.push(kind, length)
  }

  get rowCount(): number {
    let count = 0
    for (let at = 1; at < this.items.length; at += 2) count += this.items[at] as number
    return count
  }

  /** The number of each row's kind, in order. */
  *rows(): Generator<number, undefined, undefined> {
    for (let at = 0; at < this.items.length; at += 2) {
      for (let left = this.items[at + 1] as number; left > 0; left--) yield this.items[at] as number
    }
    return undefined
  }

  /** The kind of the row that comes `distance` rows after the first. */
  at(distance: number): OutcomeKind | undefined {
    let left = distance
    for (let at = 0; at < this.items.length; at += 2) {
      left -= this.items[at + 1] as number
      if (left < 0) return this.kinds[this.items[at] as number]
    }
    return undefined
  }
}

const HEADER_BYTES = 20

/** A table of kinds as it is stored: of each the worst code, then action and code by turns. */
interface StoredTable {
  kinds: StoredKind[]
  counts: Record<string, Record<string, number>>
}

export const encodeOutcomes = (
  to: Cursor,
  workspaceVersion: number,
  runs: OutcomeRuns,
  counts: OutcomeCounts,
): Buffer => {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + (runs.items.length / 2) * 18)
  bytes.writeDoubleLE(to.block, 0)
  bytes.writeUInt32LE(to.index, 8)
  bytes.writeUInt32LE(workspaceVersion, 12)
  const table = new StoredKinds(runs.kinds)
  let at = HEADER_BYTES
  for (let item = 0; item < runs.items.length; item += 2) {
    at = writeVarint(bytes, at, table.numberOf(runs.items[item] as number))
    at = writeVarint(bytes, at, runs.items[item + 1] as number)
  }
  bytes.writeUInt32LE(at - HEADER_BYTES, 16)
  const bySource = Object.fromEntries(
    [...counts].map(([source, byKind]) => [
      source,
      Object.fromEntries([...byKind].map(([kind, messages]) => [table.numberOf(kind), messages])),
    ]),
  )
  const stored: StoredTable = { kinds: table.stored, counts: bySource }
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(JSON.stringify(stored))])
}

/** The kinds that one record uses, numbered from 0 as they come. */
class StoredKinds {
  readonly stored: StoredKind[] = []
  readonly #kinds: readonly OutcomeKind[]
  readonly #numbers = new Map<number, number>()

  constructor(kinds: readonly OutcomeKind[]) {
    this.#kinds = kinds
  }

  numberOf(kind: number): number {
    const known = this.#numbers.get(kind)
    if (known !== undefined) return known
    const number = this.stored.push(storedKind(this.#kinds[kind] as OutcomeKind)) - 1
    this.#numbers.set(kind, number)
    return number
  }
}

export const decodeOutcomes = (from: Cursor, value: Uint8Array): OutcomeRecord => {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const end = HEADER_BYTES + bytes.readUInt32LE(16)
  const { kinds, counts } = JSON.parse(bytes.toString('utf8', end)) as StoredTable
  const runs = new OutcomeRuns(kinds.map(kindOf))
  const reader = new VarintReader(bytes, HEADER_BYTES)
  while (reader.at < end) {
    const kind = reader.next()
    runs.add(kind, reader.next())
  }
  return {
    from,
    to: { block: bytes.readDoubleLE(0), index: bytes.readUInt32LE(8) },
    workspaceVersion: bytes.readUInt32LE(12),
    runs,
    counts: new Map(
      Object.entries(counts).map(([source, byKind]) => [
        source,
        new Map(Object.entries(byKind).map(([kind, messages]) => [Number(kind), messages])),
      ]),
    ),
  }
}

/** Writes seven bits a byte, the lowest first; returns where it ends. */
const writeVarint = (bytes: Buffer, at: number, value: number): number => {
  let left = value
  while (left >= 0x80) {
    bytes[at++] = (left % 0x80) | 0x80
    left = Math.floor(left / 0x80)
  }
  bytes[at++] = left
  return at
}

class VarintReader {
  readonly #bytes: Buffer
  at: number

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  next(): number {
    let value = 0
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.#bytes[this.at++] ?? 0
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }
}
