import type { Clock } from './clock.ts'
import { sleepUnless } from './sleep-unless.ts'

const AGAIN_MS = 1_000

/** Reads, and tries again each second what cannot be read now. Undefined when the signal aborts meanwhile. */
export const untilRead = async <T>(
  clock: Clock,
  signal: AbortSignal,
  failed: (error: unknown) => void,
  read: () => Promise<T>,
): Promise<T | undefined> => {
  for (;;) {
    try {
      return await read()
    } catch (error) {
      if (signal.aborted) return undefined
      failed(error)
      await sleepUnless(clock, signal, AGAIN_MS)
    }
  }
}
