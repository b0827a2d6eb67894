import type { Block, Fingerprinter } from '@millrace/storage'
import type { DeduplicationWindow } from './deduplication-window.ts'
import type { ResolvingBlock } from './resolving-block.ts'

/**
 * Marks each message whose (source, messageId) was seen within the window. The row has the messageId's fingerprint;
 * XOR with the source's makes it one of the pair.
 */
export const deduplicate = (
  resolving: ResolvingBlock,
  window: DeduplicationWindow,
  sources: SourceFingerprints,
): void => {
  const { block } = resolving
  const salts = sources.of(block)
  for (let index = 0; index < block.rowCount; index++) {
    if (!block.isMessage(index)) continue
    const source = block.sourceIndex(index) * 2
    const low = (block.fingerprintLow(index) ^ (salts[source] as number)) >>> 0
    const high = (block.fingerprintHigh(index) ^ (salts[source + 1] as number)) >>> 0
    if (!window.add(low, high)) resolving.duplicates.push(index)
  }
}

/** Adds the ids of a block that was resolved in an earlier run: those that were new then, which its record tells. */
export const rememberBlock = (
  offset: number,
  block: Block,
  duplicates: readonly number[],
  window: DeduplicationWindow,
  sources: SourceFingerprints,
): void => {
  const salts = sources.of(block)
  const copies = new Set(duplicates)
  for (let index = 0; index < block.rowCount; index++) {
    if (!block.isMessage(index) || copies.has(index)) continue
    const source = block.sourceIndex(index) * 2
    window.remember(
      offset,
      (block.fingerprintLow(index) ^ (salts[source] as number)) >>> 0,
      (block.fingerprintHigh(index) ^ (salts[source + 1] as number)) >>> 0,
    )
  }
}

/** Fingerprints of source ids, computed once each. */
export class SourceFingerprints {
  readonly #fingerprinter: Fingerprinter
  readonly #known = new Map<string, readonly [number, number]>()

  constructor(fingerprinter: Fingerprinter) {
    this.#fingerprinter = fingerprinter
  }

  /** Low and high half for each entry of the block's `sources`. */
  of(block: Block): readonly number[] {
    return block.dictionary.sources.flatMap((source) => {
      let halves = this.#known.get(source)
      if (halves === undefined) {
        const { low, high } = this.#fingerprinter.of(`source\0${source}`)
        halves = [low, high]
        this.#known.set(source, halves)
      }
      return halves
    })
  }
}
