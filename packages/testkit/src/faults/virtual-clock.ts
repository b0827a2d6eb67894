/**
 * Time that a test moves. Timers run in the order of their due times, and those of one moment in the order in which they were
 * set; between two moments everything that promises still have to do is done.
 */
export class VirtualClock {
  #nowMs: number
  #next = 0
  readonly #timers = new Map<number, { dueMs: number; run: () => void }>()

  constructor(nowMs = Date.UTC(2026, 0, 2, 3, 4, 5)) {
    this.#nowMs = nowMs
  }

  readonly now = (): number => this.#nowMs

  readonly setTimeout = (run: () => void, ms: number): number => {
    const id = ++this.#next
    this.#timers.set(id, { dueMs: this.#nowMs + Math.max(0, ms), run })
    return id
  }

  readonly clearTimeout = (id: number | undefined): void => {
    if (id !== undefined) this.#timers.delete(id)
  }

  /** Resolves after `ms` of virtual time. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.setTimeout(resolve, ms))
  }

  get pendingTimers(): number {
    return this.#timers.size
  }

  /**
   * Lets time pass until `isDone`, or until nothing more can happen.
   * @param limitMs Virtual time after which it gives up, in milliseconds from now.
   * @returns Whether `isDone` became true.
   */
  async run(isDone: () => boolean, limitMs: number): Promise<boolean> {
    const endMs = this.#nowMs + limitMs
    for (;;) {
      await settled()
      if (isDone()) return true
      const next = this.#nextTimer()
      if (next === undefined || next.dueMs > endMs) return isDone()
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      this.#timers.delete(next.id)
      next.run()
    }
  }

  #nextTimer(): { id: number; dueMs: number; run: () => void } | undefined {
    let first: { id: number; dueMs: number; run: () => void } | undefined
    // Ids grow, so of equal times the one that was set first is found first.
    for (const [id, { dueMs, run }] of this.#timers) {
      if (first === undefined || dueMs < first.dueMs) first = { id, dueMs, run }
    }
    return first
  }
}

/** Two turns of the event loop: promises, ticks and immediates that are under way have had theirs. */
const settled = async (): Promise<void> => {
  await new Promise(setImmediate)
  await new Promise(setImmediate)
}
