import { setTimeout as sleep } from 'node:timers/promises'

export interface Waiting {
  /** What is waited for, for the error. */
  what: string
  everyMs?: number
  timeoutMs: number
}

/** Asks again and again until the answer is not undefined. Throws after the time. */
export const waitUntil = async <T>(
  ask: () => Promise<T | undefined>,
  { what, everyMs = 100, timeoutMs }: Waiting,
): Promise<T> => {
  const end = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > end) throw new Error(`${what}: not within ${timeoutMs / 1000} s`)
    await sleep(everyMs)
  }
}
