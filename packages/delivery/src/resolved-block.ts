import type { Message } from '@millrace/protocol'
import { Block } from '@millrace/storage'
import type { Offset, ResolutionRecord } from '@millrace/storage'

/** A block with what the resolve stage said about it. Shared by all destinations that look at it: parsed once. */
export class ResolvedBlock {
  readonly offset: Offset
  readonly next: Offset
  readonly block: Block
  readonly record: ResolutionRecord
  readonly #duplicates: ReadonlySet<number> | undefined
  #messages: (Message | undefined)[] | undefined
  #perSource: Uint32Array | undefined

  constructor(offset: Offset, next: Offset, bytes: Buffer, record: ResolutionRecord) {
    this.offset = offset
    this.next = next
    this.block = new Block(bytes)
    this.record = record
    this.#duplicates = record.duplicates && new Set(record.duplicates)
  }

  /** Every row is a message that goes on: the common case, in which a destination can skip the block whole. */
  get isWholly(): boolean {
    return this.#duplicates === undefined && this.block.messageCount === this.block.rowCount
  }

  isResolved(index: number): boolean {
    return this.block.isMessage(index) && this.#duplicates?.has(index) !== true
  }

  message(index: number): Message {
    this.#messages ??= []
    return (this.#messages[index] ??= this.block.message(index))
  }

  /** Resolved messages by index into the dictionary's sources. */
  get resolvedPerSource(): Uint32Array {
    if (this.#perSource === undefined) {
      const counts = new Uint32Array(this.block.dictionary.sources.length)
      if (counts.length === 1) {
        counts[0] = this.record.resolved
      } else {
        for (let index = 0; index < this.block.rowCount; index++) {
          if (!this.isResolved(index)) continue
          const source = this.block.sourceIndex(index)
          counts[source] = (counts[source] as number) + 1
        }
      }
      this.#perSource = counts
    }
    return this.#perSource
  }
}
