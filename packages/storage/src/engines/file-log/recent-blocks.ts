import type { LogBlock, Offset } from '../../event-log.ts'

/**
 * The blocks that were appended last, so that the stage right behind the writer need not read them back. Bounded by bytes;
 * older ones are read from the file.
 */
export class RecentBlocks {
  readonly #maxBytes: number
  #blocks: LogBlock[] = []
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  add(blocks: readonly LogBlock[]): void {
    for (const block of blocks) {
      this.#blocks.push(block)
      this.#bytes += block.bytes.length
    }
    let dropped = 0
    while (this.#bytes > this.#maxBytes && dropped < this.#blocks.length) {
      this.#bytes -= (this.#blocks[dropped++] as LogBlock).bytes.length
    }
    if (dropped > 0) this.#blocks = this.#blocks.slice(dropped)
  }

  /** Lets go of blocks that were removed from the log. */
  forgetBefore(tail: Offset): void {
    this.#blocks = this.#blocks.filter(({ offset }) => offset >= tail)
    this.#bytes = this.#blocks.reduce((sum, { bytes }) => sum + bytes.length, 0)
  }

  /** Blocks from `from` on, at least one, then as many as fit in `maxBytes`; undefined when `from` is not among them. */
  read(from: Offset, maxBytes: number): LogBlock[] | undefined {
    const first = this.#blocks[0]
    if (first === undefined || from < first.offset) return undefined
    let low = 0
    let high = this.#blocks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#blocks[middle] as LogBlock).offset < from) low = middle + 1
      else high = middle
    }
    if (this.#blocks[low]?.offset !== from) return undefined
    let bytes = 0
    let end = low
    while (end < this.#blocks.length) {
      bytes += (this.#blocks[end] as LogBlock).bytes.length
      if (bytes > maxBytes && end > low) break
      end++
    }
    return this.#blocks.slice(low, end)
  }
}
