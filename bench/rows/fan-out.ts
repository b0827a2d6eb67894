import type { ReceiverProcess } from '@millrace/testkit'
import { generate } from '../generate.ts'
import { cpuMicros, cpuSeconds } from '../process-family.ts'
import { pin } from '../processes.ts'
import { startReceiver, webhook } from '../receiver.ts'
import type { Row, Run } from '../row.ts'
import { startServer } from '../server-under-test.ts'
import { median, spreadOf } from '../spread.ts'

/** What ten destinations cost that all take every message, beside one: the message is read and parsed once for all. */
export const fanOutRow: Row = {
  name: 'fan-out',
  title: 'Ten destinations that take every message',
  run: async (run) => {
    const [pairs, messages] = run.quick ? [1, 50_000] : [3, 200_000]
    await using receiver = await startReceiver()
    pin(receiver.pid, CPUS)
    const [ones, tens]: [number[], number[]] = [[], []]
    for (let pair = 1; pair <= pairs; pair++) {
      ones.push(await deliverMicros(run, receiver, 1, messages))
      tens.push(await deliverMicros(run, receiver, 10, messages))
      run.progress(`pair ${pair} of ${pairs}: ${ones.at(-1)?.toFixed(2)} and ${tens.at(-1)?.toFixed(2)} µs per message`)
    }
    return [
      {
        what: 'processor time of the delivering process, per message, ten destinations',
        unit: 'µs',
        value: median(tens),
        limit: { what: 'one destination', value: median(ones) },
        ratio: spreadOf(tens.map((ten, pair) => ten / (ones[pair] as number))),
        target: { of: 'ratio', lessThan: 10 },
      },
    ]
  },
}

const CPUS = '0,1'

const deliverMicros = async (run: Run, receiver: ReceiverProcess, count: number, messages: number): Promise<number> => {
  const destinations = Object.fromEntries(
    Array.from({ length: count }, (_, number) => [`hook-${number}`, webhook(receiver.port)]),
  )
  await using server = await startServer({ destinations, ingestProcesses: 0, cpus: CPUS })
  const send = async (first: number, some: number): Promise<void> => {
    await generate({ port: server.port, batch: 50, connections: 16, messages: some, first }, CPUS)
    await server.settled(first + some, { timeoutMs: 300_000 })
  }
  const warmUp = run.quick ? 10_000 : 30_000
  await send(0, warmUp)
  const before = cpuSeconds(server.pid)
  await send(warmUp, messages)
  const used = cpuMicros(before, cpuSeconds(server.pid), messages)['deliver']
  if (used === undefined) throw new Error('the server has no process "deliver"')
  return used
}
