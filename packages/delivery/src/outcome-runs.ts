import type { Cursor } from '@millrace/storage'

/**
 * Outcomes of consecutive rows of the log, `from` (inclusive) to `to` (exclusive), as runs. One such record is written
 * per commit of a destination, however many messages it covers: a thousand delivered messages take three bytes. The counts
 * are said once more by source, so that the account can be recounted when retention has removed the rows themselves.
 *
 *   record = toBlock:f64 toIndex:u32 workspaceVersion:u32 runsBytes:u32 run* counts     little endian
 *   run    = code:u8 length:varint
 *   counts = JSON: { source: { code: messages } }
 */
export interface OutcomeRecord {
  from: Cursor
  to: Cursor
  workspaceVersion: number
  runs: OutcomeRuns
  counts: OutcomeCounts
}

/** Messages by source and outcome code. Rows that never reached delivery are not in it. */
export type OutcomeCounts = ReadonlyMap<string, ReadonlyMap<number, number>>

export class OutcomeRuns {
  /** Code and length by turns. */
  readonly items: number[] = []

  add(code: number, length: number): void {
    if (length === 0) return
    const last = this.items.length - 2
    if (last >= 0 && this.items[last] === code) this.items[last + 1] = (this.items[last + 1] as number) + length
    else this.items.push(code, length)
  }

  get rowCount(): number {
    let count = 0
    for (let at = 1; at < this.items.length; at += 2) count += this.items[at] as number
    return count
  }

  /** The code of each row, in order. */
  *codes(): Generator<number, undefined, undefined> {
    for (let at = 0; at < this.items.length; at += 2) {
      for (let left = this.items[at + 1] as number; left > 0; left--) yield this.items[at] as number
    }
    return undefined
  }

  /** The code of the row that comes `distance` rows after the first. */
  at(distance: number): number | undefined {
    let left = distance
    for (let at = 0; at < this.items.length; at += 2) {
      left -= this.items[at + 1] as number
      if (left < 0) return this.items[at]
    }
    return undefined
  }
}

const HEADER_BYTES = 20

export const encodeOutcomes = (
  to: Cursor,
  workspaceVersion: number,
  runs: OutcomeRuns,
  counts: OutcomeCounts,
): Buffer => {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + (runs.items.length / 2) * 9)
  bytes.writeDoubleLE(to.block, 0)
  bytes.writeUInt32LE(to.index, 8)
  bytes.writeUInt32LE(workspaceVersion, 12)
  let at = HEADER_BYTES
  for (let item = 0; item < runs.items.length; item += 2) {
    bytes[at++] = runs.items[item] as number
    let length = runs.items[item + 1] as number
    while (length >= 0x80) {
      bytes[at++] = (length % 0x80) | 0x80
      length = Math.floor(length / 0x80)
    }
    bytes[at++] = length
  }
  bytes.writeUInt32LE(at - HEADER_BYTES, 16)
  const bySource = Object.fromEntries([...counts].map(([source, byCode]) => [source, Object.fromEntries(byCode)]))
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(JSON.stringify(bySource))])
}

export const decodeOutcomes = (from: Cursor, value: Uint8Array): OutcomeRecord => {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const runs = new OutcomeRuns()
  let at = HEADER_BYTES
  const end = at + bytes.readUInt32LE(16)
  while (at < end) {
    const code = bytes[at++] as number
    let length = 0
    let factor = 1
    for (;;) {
      const byte = bytes[at++] as number
      length += (byte & 0x7f) * factor
      if (byte < 0x80) break
      factor *= 0x80
    }
    runs.add(code, length)
  }
  return {
    from,
    to: { block: bytes.readDoubleLE(0), index: bytes.readUInt32LE(8) },
    workspaceVersion: bytes.readUInt32LE(12),
    runs,
    counts: decodeCounts(bytes.toString('utf8', end)),
  }
}

const decodeCounts = (text: string): OutcomeCounts => {
  const bySource = JSON.parse(text) as Record<string, Record<string, number>>
  return new Map(
    Object.entries(bySource).map(([source, byCode]) => [
      source,
      new Map(Object.entries(byCode).map(([code, messages]) => [Number(code), messages])),
    ]),
  )
}
