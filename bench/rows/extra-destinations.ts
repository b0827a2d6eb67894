import type { ReceiverProcess } from '@millrace/testkit'
import { generate } from '../generate.ts'
import { cpuMicros, cpuSeconds } from '../process-family.ts'
import { pin } from '../processes.ts'
import { startReceiver, webhook } from '../receiver.ts'
import type { Row, Run } from '../row.ts'
import { startServer } from '../server-under-test.ts'
import { median, spreadOf } from '../spread.ts'

/**
 * What a destination costs that matches nothing: processor time of the delivering process per message, with one webhook that
 * takes everything, and with ten more whose trigger never matches. The difference, by ten, pair by pair.
 */
export const extraDestinationsRow: Row = {
  name: 'extra-destinations',
  title: 'An extra destination whose trigger matches nothing',
  run: async (run) => {
    const [pairs, messages] = run.quick ? [2, 100_000] : [5, 400_000]
    await using receiver = await startReceiver()
    pin(receiver.pid, CPUS)
    const differences: number[] = []
    const alone: number[] = []
    for (let pair = 1; pair <= pairs; pair++) {
      const without = await deliverMicros(run, receiver, 0, messages)
      const withExtra = await deliverMicros(run, receiver, EXTRA, messages)
      alone.push(without)
      differences.push((withExtra - without) / EXTRA)
      run.progress(`pair ${pair} of ${pairs}: ${without.toFixed(2)} and ${withExtra.toFixed(2)} µs per message`)
    }
    const spread = spreadOf(differences)
    return [
      {
        what: 'processor time of the delivering process, per message and destination',
        unit: 'µs',
        value: spread.median,
        spread,
        limit: { what: 'the one destination that takes everything', value: median(alone) },
        target: { of: 'value', lessThan: 1 },
      },
    ]
  },
}

const CPUS = '0,1'
const EXTRA = 10

const deliverMicros = async (run: Run, receiver: ReceiverProcess, extra: number, messages: number): Promise<number> => {
  const destinations: Record<string, unknown> = { hook: webhook(receiver.port) }
  for (let number = 1; number <= extra; number++) {
    const mappings = [{ action: 'send', trigger: 'event = "Nothing"' }]
    destinations[`extra-${number}`] = webhook(receiver.port, { mappings })
  }
  await using server = await startServer({ destinations, ingestProcesses: 0, cpus: CPUS })
  const send = async (first: number, count: number): Promise<void> => {
    await generate({ port: server.port, batch: 50, connections: 16, messages: count, first }, CPUS)
    await server.settled(first + count, { timeoutMs: 120_000 })
  }
  const warmUp = run.quick ? 20_000 : 50_000
  await send(0, warmUp)
  const before = cpuSeconds(server.pid)
  await send(warmUp, messages)
  const used = cpuMicros(before, cpuSeconds(server.pid), messages)['deliver']
  if (used === undefined) throw new Error('the server has no process "deliver"')
  return used
}
