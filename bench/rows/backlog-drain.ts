import { drain } from '../drain.ts'
import type { Row } from '../row.ts'
import { spreadOf } from '../spread.ts'

/** How fast a backlog goes, in batches of fifty. */
export const backlogDrainRow: Row = {
  name: 'drain',
  title: 'Drain of a backlog, webhook in batches of 50, two processors',
  run: async ({ quick, progress }) => {
    const messages = quick ? 100_000 : 1_000_000
    const { perSecond, cpuMicros, bare, copies } = await drain({
      messages,
      batchSize: 50,
      concurrency: 8,
      delayMs: 0,
      progress,
    })
    return [
      {
        what: `${messages} messages`,
        unit: 'messages/s',
        value: perSecond,
        limit: { what: 'bare undici, one body made before', value: bare.perSecond },
        ratio: spreadOf([perSecond / bare.perSecond]),
        cpuMicros,
        limitCpuMicros: bare.cpuMicros,
        notes: [`The receiver got ${copies} messages more than once.`],
      },
    ]
  },
}
