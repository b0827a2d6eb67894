/** Something whose time can run out. */
export interface Timed {
  readonly startedAtMs: number
  timeOut(): void
}

/**
 * Watches bodies that are arriving. All have the same time, so the oldest runs out first, and one interval looks at it:
 * a timer per request would cost more than reading a small body.
 */
export class BodyTimer {
  readonly #timed = new Set<Timed>()
  readonly #now: () => number
  #timeoutMs: number
  #interval: NodeJS.Timeout | undefined

  constructor(timeoutMs: number, now: () => number) {
    this.#timeoutMs = timeoutMs
    this.#now = now
  }

  add(timed: Timed): void {
    this.#timed.add(timed)
    this.#interval ??= setInterval(this.#sweep, Math.min(1000, this.#timeoutMs / 2)).unref()
  }

  delete(timed: Timed): void {
    this.#timed.delete(timed)
  }

  /** Gives those that are still arriving at most this long from their start. */
  shorten(timeoutMs: number): void {
    if (timeoutMs >= this.#timeoutMs) return
    this.#timeoutMs = timeoutMs
    if (this.#interval === undefined) return
    clearInterval(this.#interval)
    this.#interval = setInterval(this.#sweep, Math.min(1000, timeoutMs / 2)).unref()
  }

  readonly #sweep = (): void => {
    const oldestMs = this.#now() - this.#timeoutMs
    for (const timed of this.#timed) {
      if (timed.startedAtMs > oldestMs) break
      this.#timed.delete(timed)
      timed.timeOut()
    }
    // Stopped only here, not by the last `delete`: at a low rate that would start and stop a timer per request.
    if (this.#timed.size > 0) return
    clearInterval(this.#interval)
    this.#interval = undefined
  }
}
