import { mkdir } from 'node:fs/promises'
import { Block, MAX_ROWS as MOST_ROWS } from '@millrace/storage'
import type { LogReader, Offset } from '@millrace/storage'
import { logBlocks } from '../log-blocks.ts'
import { listIndexFiles, removeIndexFiles, removeUnfinished, writeIndexFile } from './index-files.ts'
import { ENTRY_WORDS, sortEntries } from './sorted-entries.ts'

/**
 * Writes the index from messageId to position: entries gather in memory and are written as one sorted file per
 * `entriesPerFile`. What is not yet in a file is found by scanning that short part of the log, so a crash loses nothing:
 * the next run gathers again from where the last file ends. No B-tree row per message: random inserts would cost more
 * than all the rest of ingestion.
 */
export class MessageIndexWriter {
  readonly #directory: string
  readonly #entries: Uint32Array
  #used = 0
  #from: Offset
  #writing: Promise<void> = Promise.resolve()
  readonly #warn: (message: string) => void

  private constructor(directory: string, entriesPerFile: number, from: Offset, warn: (message: string) => void) {
    this.#directory = directory
    // One block may take the gathering past the mark.
    this.#entries = new Uint32Array((entriesPerFile + MOST_ROWS) * ENTRY_WORDS)
    this.#from = from
    this.#warn = warn
  }

  /** Opens the index and gathers what lies between its last file and `upTo`. */
  static async open(options: {
    directory: string
    log: LogReader
    upTo: Offset
    entriesPerFile?: number
    warn?: (message: string) => void
  }): Promise<MessageIndexWriter> {
    const { directory, log, upTo } = options
    await mkdir(directory, { recursive: true })
    await removeUnfinished(directory)
    const files = await listIndexFiles(directory)
    const from = Math.max(files.at(-1)?.to ?? 0, await log.tail())
    const writer = new MessageIndexWriter(
      directory,
      options.entriesPerFile ?? 131_072,
      from,
      options.warn ?? (() => {}),
    )
    for await (const { offset, next, bytes } of logBlocks(log, from, upTo)) {
      writer.add(offset, new Block(bytes))
      await writer.advance(next)
    }
    return writer
  }

  /** Adds a block's messages. One that is in a file already, because a power failure took the resolve stage back, is passed over. */
  add(offset: Offset, block: Block): void {
    if (offset < this.#from) return
    const entries = this.#entries
    const low = offset >>> 0
    const high = Math.floor(offset / 0x1_0000_0000)
    for (let index = 0; index < block.rowCount; index++) {
      if (!block.isMessage(index)) continue
      const at = this.#used
      entries[at] = block.fingerprintHigh(index)
      entries[at + 1] = block.fingerprintLow(index)
      entries[at + 2] = low
      entries[at + 3] = high
      entries[at + 4] = index
      this.#used = at + ENTRY_WORDS
    }
  }

  /** Says that all blocks before `next` were added. To be called after each block. */
  async advance(next: Offset): Promise<void> {
    if (this.#used > this.#entries.length - MOST_ROWS * ENTRY_WORDS) await this.#flush(next)
  }

  async #flush(to: Offset): Promise<void> {
    await this.#writing
    const sorted = sortEntries(this.#entries.slice(0, this.#used))
    const from = this.#from
    this.#used = 0
    this.#from = to
    // A file that could not be written (disk full) leaves a gap that lookups scan; the log still has everything.
    this.#writing = writeIndexFile(this.#directory, from, to, sorted).catch((error: unknown) => {
      this.#warn(`could not write the message index from ${from} to ${to}: ${String(error)}`)
    })
  }

  /** Where the part of the log that is in no file begins. */
  get unsealedFrom(): Offset {
    return this.#from
  }

  async removeBefore(offset: Offset): Promise<void> {
    await removeIndexFiles(this.#directory, offset)
  }

  async close(): Promise<void> {
    await this.#writing
  }
}
