import { drain } from '../drain.ts'
import type { Figure, Row } from '../row.ts'
import { spreadOf } from '../spread.ts'

/** One message per request, 1,024 requests under way: what a receiver without batches gets, a slow one and one that answers at once. */
export const singleRequestsRow: Row = {
  name: 'single-requests',
  title: 'One message per request, 1,024 under way, two processors',
  run: async ({ quick, progress }) => {
    const figures: Figure[] = []
    for (const [delayMs, atLeast] of promises) {
      const messages = quick ? 50_000 : 200_000
      const shared = { messages, batchSize: 1, concurrency: 1024, delayMs }
      const { perSecond, cpuMicros, bare, copies } = await drain({
        ...shared,
        progress: (text) => progress(`a receiver of ${delayMs} ms: ${text}`),
      })
      figures.push({
        what: `a receiver that answers after ${delayMs} ms`,
        unit: 'messages/s',
        value: perSecond,
        limit: { what: 'bare undici, one body made before, as many connections', value: bare.perSecond },
        ratio: spreadOf([perSecond / bare.perSecond]),
        cpuMicros,
        limitCpuMicros: bare.cpuMicros,
        target: { of: 'value', atLeast },
        notes: [`A receiver of ${delayMs} ms got ${copies} messages more than once.`],
      })
    }
    return figures
  },
}

/** Milliseconds of the receiver, and what is promised with it. */
const promises = [
  [100, 7_000],
  [0, 10_000],
] as const
