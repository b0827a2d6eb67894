import { fileURLToPath } from 'node:url'
import { generate } from '../generate.ts'
import { cpuMicros, cpuSeconds } from '../process-family.ts'
import { startNode, stopProcess } from '../processes.ts'
import type { Figure, Row, Run } from '../row.ts'
import { startServer } from '../server-under-test.ts'
import { median, medians, spreadOf } from '../spread.ts'

/**
 * How fast messages are accepted: durable before the 200, against a server that only parses. Both servers run all the time and
 * the generator turns to one and then the other, so that a slow minute of the machine hits both; the ratio is taken pair by pair.
 */
export const acceptRow = (batch: number): Row => ({
  name: `accept-${batch}`,
  title: batch === 1 ? 'Accept, single messages' : `Accept, batches of ${batch}`,
  run: async (run) => [
    await compare(run, batch, { processes: 1, serverCpus: '0', generatorCpus: '1' }),
    await compare(run, batch, { processes: 2, serverCpus: undefined, generatorCpus: undefined }),
  ],
})

interface Placement {
  /** Processes that listen. One: the process that owns the log listens itself. */
  processes: 1 | 2
  serverCpus: string | undefined
  generatorCpus: string | undefined
}

const CONNECTIONS = 64
const bareServer = fileURLToPath(new URL('../programs/bare-server.ts', import.meta.url))

interface Turn {
  perSecond: number
  cpu: Record<string, number>
}

const compare = async (run: Run, batch: number, placement: Placement): Promise<Figure> => {
  const { processes, serverCpus } = placement
  const bare = startNode([bareServer, String(processes)], { cpus: serverCpus })
  try {
    await using millrace = await startServer({ ingestProcesses: processes === 1 ? 0 : processes, cpus: serverCpus })
    const barePort = Number(await bare.firstLine)
    let first = 0
    const turn = async (port: number, pid: number, seconds: number): Promise<Turn> => {
      const before = cpuSeconds(pid)
      const load = { port, batch, connections: CONNECTIONS, seconds, first }
      const generated = await generate(load, placement.generatorCpus)
      first += generated.messages
      return { perSecond: generated.perSecond, cpu: cpuMicros(before, cpuSeconds(pid), generated.messages) }
    }
    const [pairs, seconds] = run.quick ? [3, 2] : [9, 4]
    const turns: { millrace: Turn; bare: Turn }[] = []
    for (let pair = 0; pair <= pairs; pair++) {
      const found = {
        millrace: await turn(millrace.port, millrace.pid, seconds),
        bare: await turn(barePort, bare.pid, seconds),
      }
      const rates = `${Math.round(found.millrace.perSecond)} / ${Math.round(found.bare.perSecond)} messages/s`
      run.progress(`${pair === 0 ? 'warm-up' : `pair ${pair} of ${pairs}`}: ${rates}`)
      // The first pair compiles the code of both.
      if (pair > 0) turns.push(found)
    }
    const spread = spreadOf(turns.map((found) => found.millrace.perSecond))
    return {
      what: `${processes} listening process${processes === 1 ? ', pinned' : 'es, not pinned'}`,
      unit: 'messages/s',
      value: spread.median,
      spread,
      limit: { what: 'bare node:http + JSON.parse', value: median(turns.map((found) => found.bare.perSecond)) },
      ratio: spreadOf(turns.map((found) => found.millrace.perSecond / found.bare.perSecond)),
      cpuMicros: medians(turns.map((found) => found.millrace.cpu)),
      limitCpuMicros: median(turns.map((found) => Object.values(found.bare.cpu).reduce((a, b) => a + b, 0))),
      target: { of: 'ratio', atLeast: 0.6 },
    }
  } finally {
    await stopProcess(bare.child)
  }
}
