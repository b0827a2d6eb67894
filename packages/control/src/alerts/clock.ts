/** Time and timers, so that a test can move them. */
export interface AlertClock {
  /** Milliseconds since 1970. */
  now(): number
  /** Returns what stops the timer. */
  after(ms: number, run: () => void): () => void
}

export const systemClock: AlertClock = {
  now: Date.now,
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
