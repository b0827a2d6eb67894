import type { Clock } from './clock.ts'

/** The longest that a timer takes, about 25 days; beyond it, it would end at once. */
const LONGEST_MS = 2 ** 31 - 1

/** Waits `ms`, at most 25 days, or less if the signal aborts. */
export const sleepUnless = (clock: Clock, signal: AbortSignal, ms: number): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const done = (): void => {
      clock.clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = clock.setTimeout(done, Math.min(ms, LONGEST_MS))
    signal.addEventListener('abort', done)
  })
