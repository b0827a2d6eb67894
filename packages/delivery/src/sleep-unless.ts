/** The longest that a timer takes, about 25 days; beyond it, it would end at once. */
const LONGEST_MS = 2 ** 31 - 1

/** Waits `ms`, at most 25 days, or less if the signal aborts. */
export const sleepUnless = (signal: AbortSignal, ms: number): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, Math.min(ms, LONGEST_MS))
    signal.addEventListener('abort', done)
  })
