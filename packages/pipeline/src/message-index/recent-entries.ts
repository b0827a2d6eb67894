import { Block } from '@millrace/storage'
import type { Cursor, Fingerprint, LogReader, Offset } from '@millrace/storage'
import { logBlocks } from '../log-blocks.ts'

/**
 * Fingerprints of the newest part of the log, which is in no index file yet: scanned once and extended at each lookup, so
 * that a lookup reads only what came since the last one. Bounded: what does not fit is scanned every time.
 */
const ENTRY_WORDS = 5
const MAX_ENTRIES = 262_144

export class RecentEntries {
  readonly #log: LogReader
  #from: Offset = 0
  #to: Offset = 0
  /** fingerprintHigh fingerprintLow blockLow blockHigh index, by turns. */
  #entries = new Uint32Array(1024 * ENTRY_WORDS)
  #used = 0
  /** Lookups take turns: they extend the same entries. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(log: LogReader) {
    this.#log = log
  }

  /** Positions from `from` (a block's offset) to `to` that have the fingerprint. */
  find(from: Offset, to: Offset, fingerprint: Fingerprint): Promise<Cursor[]> {
    const result = this.#turn.then(() => this.#find(from, to, fingerprint))
    this.#turn = result.catch(() => undefined)
    return result
  }

  async #find(from: Offset, to: Offset, { low, high }: Fingerprint): Promise<Cursor[]> {
    if (from < this.#from || from > this.#to) this.#restart(from)
    else if (from > this.#from) this.#forgetBefore(from)
    const found: Cursor[] = []
    const entries = this.#entries
    for (let at = 0; at < this.#used; at += ENTRY_WORDS) {
      if (entries[at] === high && entries[at + 1] === low) found.push(positionAt(entries, at))
    }
    const kept = this.#to
    for await (const { offset, next, bytes } of logBlocks(this.#log, kept, to)) {
      const block = new Block(bytes)
      const fits = this.#to === offset && this.#used / ENTRY_WORDS + block.rowCount <= MAX_ENTRIES
      for (let index = 0; index < block.rowCount; index++) {
        if (!block.isMessage(index)) continue
        const [rowLow, rowHigh] = [block.fingerprintLow(index), block.fingerprintHigh(index)]
        if (rowHigh === high && rowLow === low) found.push({ block: offset, index })
        if (fits) this.#add(rowLow, rowHigh, offset, index)
      }
      if (fits) this.#to = next
    }
    return found.filter(({ block }) => block < to)
  }

  #add(low: number, high: number, offset: Offset, index: number): void {
    if (this.#used + ENTRY_WORDS > this.#entries.length) {
      const larger = new Uint32Array(this.#entries.length * 2)
      larger.set(this.#entries)
      this.#entries = larger
    }
    this.#entries.set([high, low, offset >>> 0, Math.floor(offset / 0x1_0000_0000), index], this.#used)
    this.#used += ENTRY_WORDS
  }

  #restart(from: Offset): void {
    this.#from = from
    this.#to = from
    this.#used = 0
  }

  /** Lets go of what an index file holds by now. Entries are in the order of the log. */
  #forgetBefore(from: Offset): void {
    let at = 0
    while (at < this.#used && positionAt(this.#entries, at).block < from) at += ENTRY_WORDS
    this.#entries.copyWithin(0, at, this.#used)
    this.#used -= at
    this.#from = from
  }
}

const positionAt = (entries: Uint32Array, at: number): Cursor => ({
  block: (entries[at + 2] as number) + (entries[at + 3] as number) * 0x1_0000_0000,
  index: entries[at + 4] as number,
})
