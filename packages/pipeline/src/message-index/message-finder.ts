import { Block, compareCursors } from '@millrace/storage'
import type { Cursor, Fingerprint, Fingerprinter, LogReader, Offset } from '@millrace/storage'
import { logBlocks } from '../log-blocks.ts'
import { findInFile, listIndexFiles } from './index-files.ts'
import { RecentEntries } from './recent-entries.ts'

/**
 * Finds messages by messageId: in the sorted files, among the newest ones, which are in no file yet, and by scanning gaps
 * that a full disk left. Works beside the process that writes.
 */
export class MessageFinder {
  readonly #directory: string
  readonly #log: LogReader
  readonly #fingerprinter: Fingerprinter
  readonly #recent: RecentEntries

  constructor(directory: string, log: LogReader, fingerprinter: Fingerprinter) {
    this.#directory = directory
    this.#log = log
    this.#fingerprinter = fingerprinter
    this.#recent = new RecentEntries(log)
  }

  /** The positions of all kept messages with this id, in order of the log. */
  async find(messageId: string): Promise<Cursor[]> {
    const fingerprint = this.#fingerprinter.of(messageId)
    const [tail, head] = [await this.#log.tail(), await this.#log.head()]
    const candidates: Cursor[] = []
    let covered = tail
    for (const file of await listIndexFiles(this.#directory)) {
      if (file.to <= tail) continue
      const listed = await findInFile(file, fingerprint)
      // A file that is damaged, or was removed just now, is a gap like one that was never written.
      if (listed === undefined) continue
      if (file.from > covered) candidates.push(...(await this.#scan(covered, file.from, fingerprint)))
      candidates.push(...listed.filter(({ block }) => block >= covered))
      covered = Math.max(covered, file.to)
    }
    candidates.push(...(await this.#recent.find(covered, head, fingerprint)))
    const found: Cursor[] = []
    for (const position of candidates.sort(compareCursors)) {
      const [stored] = await this.#log.read(position.block, 1)
      if (stored?.offset !== position.block) continue
      if (new Block(stored.bytes).envelope(position.index).messageId === messageId) found.push(position)
    }
    return found
  }

  async #scan(from: Offset, to: Offset, fingerprint: Fingerprint): Promise<Cursor[]> {
    const found: Cursor[] = []
    for await (const { offset, bytes } of logBlocks(this.#log, from, to)) {
      const block = new Block(bytes)
      for (let index = 0; index < block.rowCount; index++) {
        if (
          block.fingerprintHigh(index) === fingerprint.high &&
          block.fingerprintLow(index) === fingerprint.low &&
          block.isMessage(index)
        ) {
          found.push({ block: offset, index })
        }
      }
    }
    return found
  }
}
