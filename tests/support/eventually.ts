export interface EventuallyOptions {
  /** Default 20 s. */
  timeoutMs?: number
  /** Between two looks. Default 50 ms. */
  everyMs?: number
}

/**
 * Looks again and again until `look` gives something other than undefined, and returns that. A look that throws is one
 * that saw nothing yet. Rejects when the time is over, with what was waited for and the last error.
 */
export const eventually = async <T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  { timeoutMs = 20_000, everyMs = 50 }: EventuallyOptions = {},
): Promise<T> => {
  const endMs = performance.now() + timeoutMs
  let lastError: unknown
  for (;;) {
    try {
      const seen = await look()
      if (seen !== undefined) return seen
      lastError = undefined
    } catch (error) {
      lastError = error
    }
    if (performance.now() > endMs) {
      throw new Error(`${what}: not seen within ${timeoutMs} ms`, lastError === undefined ? {} : { cause: lastError })
    }
    await pause(everyMs)
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
