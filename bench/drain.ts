import { fileURLToPath } from 'node:url'
import { generate } from './generate.ts'
import { cpuMicros, cpuSeconds } from './process-family.ts'
import { pin, runNode } from './processes.ts'
import { startCounter, startReceiver, unusedPort, webhook } from './receiver.ts'
import { startServer } from './server-under-test.ts'
import { waitUntil } from './wait-until.ts'

export interface DrainOptions {
  messages: number
  /** Messages of a request. */
  batchSize: number
  /** Requests under way at once. */
  concurrency: number
  /** How long the receiver waits before it answers. */
  delayMs: number
  progress: (text: string) => void
}

export interface Drain {
  perSecond: number
  cpuMicros: Record<string, number>
  bare: { perSecond: number; cpuMicros: number }
  /** How many messages the receiver got more than once. */
  copies: number
}

const CPUS = '0,1'
const sender = fileURLToPath(new URL('programs/bare-sender.ts', import.meta.url))

/**
 * A receiver is down while messages are accepted, then it comes up: how fast the backlog goes, counted by the receiver from its
 * first message to its last. The limit posts one body that was made before, over as many connections.
 */
export const drain = async (options: DrainOptions): Promise<Drain> => {
  const { messages, batchSize, concurrency, delayMs, progress } = options
  const port = await unusedPort()
  const { settings, delivery, ...hook } = webhook(port)
  const destination = {
    ...hook,
    settings: { ...(settings as object), batchSize },
    delivery: { ...(delivery as object), concurrency },
  }
  await using server = await startServer({ destinations: { hook: destination }, ingestProcesses: 0, cpus: CPUS })
  progress(`${messages} messages are accepted while the receiver is down`)
  await generate({ port: server.port, batch: 50, connections: 32, messages, first: 0 }, CPUS)
  await server.settled(messages, { timeoutMs: 120_000, pending: messages })

  await using receiver = await startReceiver(port, delayMs)
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
    progress('the receiver is up')
    const end = await has(messages, 20)
    const drained = end.count - start.count
    const used = cpuMicros(before, cpuSeconds(server.pid), drained)
    const sent = Math.round(messages / 2)
    const [bare] = await runNode<Drain['bare']>(
      [sender, receiver.url, String(sent), String(concurrency), String(batchSize)],
      { cpus: CPUS },
    )
    if (bare === undefined) throw new Error('bare-sender printed nothing')
    const perSecond = drained / ((end.at - start.at) / 1000)
    const bareSent = Math.ceil(sent / batchSize) * batchSize
    return { perSecond, cpuMicros: used, bare, copies: (await counter.messages()) - messages - bareSent }
  } finally {
    counter.close()
  }
}
