import { fileURLToPath } from 'node:url'
import { generate } from '../generate.ts'
import { cpuMicros, cpuSeconds } from '../process-family.ts'
import { pin, runNode } from '../processes.ts'
import { startCounter, startReceiver, unusedPort, webhook } from '../receiver.ts'
import type { Row } from '../row.ts'
import { startServer } from '../server-under-test.ts'
import { spreadOf } from '../spread.ts'
import { waitUntil } from '../wait-until.ts'

/**
 * A receiver is down while messages are accepted, then it comes up: how fast the backlog goes, counted by the receiver from its
 * first message to its last. The limit posts one body that was made before, over as many connections.
 */
export const backlogDrainRow: Row = {
  name: 'drain',
  title: 'Drain of a backlog, webhook in batches of 50, two processors',
  run: async (run) => {
    const messages = run.quick ? 100_000 : 1_000_000
    const port = await unusedPort()
    await using server = await startServer({ destinations: { hook: webhook(port) }, ingestProcesses: 0, cpus: CPUS })
    run.progress(`${messages} messages are accepted while the receiver is down`)
    await generate({ port: server.port, batch: 50, connections: 32, messages, first: 0 }, CPUS)
    await server.settled(messages, { timeoutMs: 120_000, pending: messages })

    await using receiver = await startReceiver(port)
    pin(receiver.pid, CPUS)
    const counter = startCounter(port)
    try {
      const has = (least: number, everyMs: number) =>
        waitUntil(
          async () => {
            const count = await counter.messages()
            return count >= least ? { count, at: performance.now() } : undefined
          },
          { what: `the receiver has ${least} messages`, everyMs, timeoutMs: 300_000 },
        )
      const start = await has(1, 5)
      const before = cpuSeconds(server.pid)
      run.progress('the receiver is up')
      const end = await has(messages, 20)
      const drained = end.count - start.count
      const used = cpuMicros(before, cpuSeconds(server.pid), drained)
      const [bare] = await runNode<{ perSecond: number; cpuMicros: number }>(
        [sender, receiver.url, String(messages / 2), '8'],
        { cpus: CPUS },
      )
      if (bare === undefined) throw new Error('bare-sender printed nothing')
      const perSecond = drained / ((end.at - start.at) / 1000)
      const total = await counter.messages()
      return [
        {
          what: `${messages} messages`,
          unit: 'messages/s',
          value: perSecond,
          limit: { what: 'bare undici, one body made before', value: bare.perSecond },
          ratio: spreadOf([perSecond / bare.perSecond]),
          cpuMicros: used,
          limitCpuMicros: bare.cpuMicros,
          notes: [`The receiver got ${total - messages - messages / 2} messages more than once.`],
        },
      ]
    } finally {
      counter.close()
    }
  },
}

const CPUS = '0,1'
const sender = fileURLToPath(new URL('../programs/bare-sender.ts', import.meta.url))
