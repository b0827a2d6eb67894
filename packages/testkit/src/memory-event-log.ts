import { LogUnavailableError } from '@millrace/storage'
import type { EventLog, LogBlock, Offset } from '@millrace/storage'

/**
 * An `EventLog` in memory, for tests of what stands on a log. Offsets count blocks from 0, unlike those of the file
 * engine, so that code that does arithmetic on offsets fails here. What is stored is a copy, and so is what is read.
 */
export class MemoryEventLog implements EventLog {
  #blocks: Buffer[] = []
  #tail: Offset = 0
  #failures: Error[] = []
  #closed = false

  /** The next append that no earlier call has claimed stores nothing and rejects with this error. */
  failNextAppend(error: Error = new LogUnavailableError('a test made this append fail')): void {
    this.#failures.push(error)
  }

  async append(blocks: readonly Uint8Array[]): Promise<readonly Offset[]> {
    if (this.#closed) throw new LogUnavailableError('the log is closed')
    const failure = this.#failures.shift()
    if (failure !== undefined) {
      throw failure instanceof LogUnavailableError
        ? failure
        : new LogUnavailableError(`the log could not store a block: ${failure.message}`, { cause: failure })
    }
    return blocks.map((block) => this.#tail + this.#blocks.push(Buffer.from(block)) - 1)
  }

  async head(): Promise<Offset> {
    return this.#tail + this.#blocks.length
  }

  async tail(): Promise<Offset> {
    return this.#tail
  }

  async read(from: Offset, maxBytes: number): Promise<readonly LogBlock[]> {
    const head = this.#tail + this.#blocks.length
    if (from > head) throw new RangeError(`offset ${from} is after the head of the log, ${head}`)
    const found: LogBlock[] = []
    let left = maxBytes
    for (let offset = Math.max(from, this.#tail); offset < head; offset++) {
      const stored = this.#blocks[offset - this.#tail] as Buffer
      left -= stored.length
      if (left < 0 && found.length > 0) break
      found.push({ offset, next: offset + 1, bytes: Buffer.from(stored) })
    }
    return found
  }

  async truncationPoint(before: Offset): Promise<Offset> {
    return this.#tail + Math.min(Math.max(before - this.#tail, 0), this.#blocks.length)
  }

  async truncate(before: Offset): Promise<Offset> {
    const removed = Math.min(Math.max(before - this.#tail, 0), this.#blocks.length)
    this.#blocks = this.#blocks.slice(removed)
    this.#tail += removed
    return this.#tail
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
  }
}
