import type { Offset } from '@millrace/storage'
import { FingerprintSet } from './fingerprint-set.ts'

/**
 * Remembers which (source, messageId) were seen. Two generations: ids are added to the young one, looked up in both. When
 * the young one is full (half of `maxIds`) or spans `windowMs`, it becomes the old one and the old one is forgotten. So the
 * window is `windowMs` to twice that, or `maxIds / 2` to `maxIds` ids, whichever is shorter.
 *
 * Generations change only between blocks and begin at known offsets, so the window can be rebuilt exactly from the log.
 */
export interface DeduplicationOptions {
  windowMs: number
  maxIds: number
}

export interface GenerationStart {
  offset: Offset
  receivedAtMs: number
}

export interface Generations {
  old?: GenerationStart
  young: GenerationStart
}

export class DeduplicationWindow {
  readonly #options: () => DeduplicationOptions
  #old: FingerprintSet | undefined
  #young = new FingerprintSet()
  #starts: Generations | undefined

  /** `options` is asked at each block, so that a changed setting holds from then on. */
  constructor(options: () => DeduplicationOptions) {
    this.#options = options
  }

  /** Where the generations begin, to be stored with the cursor; undefined before the first block. */
  get starts(): Generations | undefined {
    return this.#starts
  }

  /** Ids that are remembered, and the memory that takes. */
  get size(): number {
    return this.#young.size + (this.#old?.size ?? 0)
  }
  get bytes(): number {
    return this.#young.bytes + (this.#old?.bytes ?? 0)
  }
  /** The time since which copies are recognised. */
  get sinceMs(): number | undefined {
    return (this.#starts?.old ?? this.#starts?.young)?.receivedAtMs
  }

  /** To be called before the messages of each block. Returns true when the generations changed. */
  beginBlock(offset: Offset, receivedAtMs: number): boolean {
    const starts = this.#starts
    if (starts === undefined) {
      this.#starts = { young: { offset, receivedAtMs } }
      return true
    }
    const { maxIds, windowMs } = this.#options()
    const full = this.#young.size >= maxIds / 2
    if (!full && receivedAtMs - starts.young.receivedAtMs < windowMs) return false
    this.#old = this.#young
    this.#young = new FingerprintSet()
    this.#starts = { old: starts.young, young: { offset, receivedAtMs } }
    return true
  }

  /** Takes up the generations of an earlier run, or none; the caller then adds the log's ids from the old one's start on. */
  restore(starts: Generations | undefined): void {
    this.#starts = starts
    this.#old = starts?.old === undefined ? undefined : new FingerprintSet()
    this.#young = new FingerprintSet()
  }

  /** Adds an id that was new in its block while restoring, to the generation that the block belongs to. */
  remember(offset: Offset, low: number, high: number): void {
    const isYoung = this.#starts === undefined || offset >= this.#starts.young.offset
    if (isYoung) this.#young.add(low, high)
    else this.#old?.add(low, high)
  }

  /** Adds an id; true if it was not in the window. */
  add(low: number, high: number): boolean {
    if (this.#old?.has(low, high) === true) return false
    return this.#young.add(low, high)
  }
}
