/** What the workspace says about copies of dead messages; the bounds hold for each destination. */
export interface DeadLetterSettings {
  /** How long a copy is kept after the message died, in milliseconds. */
  maxAgeMs: number
  maxCopies: number
  maxBytes: number
}

/** Copies that wait for their commit are in memory. */
const MAX_UNSTORED_BYTES = 32 * 1024 * 1024

/**
 * Counts the copies of one destination against their bounds. Above them a message dies without a copy, and a warning says so once,
 * until there is room again. What is counted was stored or is about to be: after a crash it is read from the store anew.
 */
export class CopyBudget {
  readonly #limits: () => DeadLetterSettings
  readonly #warn: (problem: string) => void
  #copies: number
  #bytes: number
  #unstoredBytes = 0
  #hasWarned = false

  constructor(
    kept: { copies: number; bytes: number },
    limits: () => DeadLetterSettings,
    warn: (problem: string) => void,
  ) {
    this.#copies = kept.copies
    this.#bytes = kept.bytes
    this.#limits = limits
    this.#warn = warn
  }

  /** Whether there is room for one copy more, before it is made. */
  get hasRoom(): boolean {
    const { maxCopies, maxBytes } = this.#limits()
    if (this.#unstoredBytes >= MAX_UNSTORED_BYTES) return this.#refuse('those that are not stored yet fill the memory')
    if (this.#copies >= maxCopies) return this.#refuse(`${this.#copies} are kept (settings.deadLetters.maxCopies)`)
    if (this.#bytes >= maxBytes) return this.#refuse(`${this.#bytes} bytes are kept (settings.deadLetters.maxBytes)`)
    this.#hasWarned = false
    return true
  }

  /** A copy was made. */
  add(bytes: number): void {
    this.#copies++
    this.#bytes += bytes
    this.#unstoredBytes += bytes
  }

  /** Copies that were added are stored now. */
  stored(bytes: number): void {
    this.#unstoredBytes -= bytes
  }

  /** Stored copies were removed. */
  removed(copies: number, bytes: number): void {
    this.#copies -= copies
    this.#bytes -= bytes
  }

  #refuse(why: string): false {
    if (!this.#hasWarned) this.#warn(`messages that die now are kept without a copy of message and request: ${why}`)
    this.#hasWarned = true
    return false
  }
}
