import type { Offset } from '@millrace/storage'
import type { ResolvedBlock } from './resolved-block.ts'

/** Blocks that were read lately, up to so many bytes; the first that came is the first to go. */
export class BlockCache {
  readonly #maxBytes: number
  readonly #blocks = new Map<Offset, ResolvedBlock>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get(offset: Offset): ResolvedBlock | undefined {
    return this.#blocks.get(offset)
  }

  keep(block: ResolvedBlock): void {
    if (this.#blocks.has(block.offset)) return
    this.#blocks.set(block.offset, block)
    this.#bytes += block.block.bytes.length
    for (const [offset, oldest] of this.#blocks) {
      if (this.#bytes <= this.#maxBytes) break
      this.#blocks.delete(offset)
      this.#bytes -= oldest.block.bytes.length
    }
  }
}
