import { fileURLToPath } from 'node:url'
import { generate } from '../generate.ts'
import { cpuMicros, cpuSeconds } from '../process-family.ts'
import { runNode } from '../processes.ts'
import type { Row } from '../row.ts'
import { startServer } from '../server-under-test.ts'
import { median, medians, spreadOf } from '../spread.ts'
import { temporaryFolder } from '../temporary.ts'

/**
 * From the client's call to rows in a DuckDB file, on two processors. The time runs until nothing is pending; then the rows are
 * counted with SQL, and every message must be there once. The limit is DuckDB alone, reading the same messages from a file.
 */
export const acceptToDuckdbRow: Row = {
  name: 'duckdb',
  title: 'Accept → DuckDB, batches of 50, two processors',
  run: async (run) => {
    const [pairs, seconds] = run.quick ? [1, 5] : [3, 20]
    const turns: { millrace: Turn; bare: Bare }[] = []
    for (let pair = 1; pair <= pairs; pair++) {
      const found = { millrace: await load(seconds), bare: await loadBare(run.quick ? 50_000 : 200_000) }
      const rates = `${Math.round(found.millrace.perSecond)} / ${Math.round(found.bare.perSecond)} messages/s`
      run.progress(`pair ${pair} of ${pairs}: ${rates}`)
      turns.push(found)
    }
    const spread = spreadOf(turns.map((found) => found.millrace.perSecond))
    return [
      {
        what: `as fast as it goes, ${seconds} s and until loaded`,
        unit: 'messages/s',
        value: spread.median,
        spread,
        limit: { what: 'DuckDB alone, read_json', value: median(turns.map((found) => found.bare.perSecond)) },
        ratio: spreadOf(turns.map((found) => found.millrace.perSecond / found.bare.perSecond)),
        cpuMicros: medians(turns.map((found) => found.millrace.cpu)),
        limitCpuMicros: median(turns.map((found) => found.bare.cpuMicros)),
        notes: ['Each message is a row of `tracks` and a row of the table of its event; the limit writes one row.'],
      },
    ]
  },
}

const CPUS = '0,1'
const bareProgram = fileURLToPath(new URL('../programs/bare-duckdb.ts', import.meta.url))

interface Turn {
  perSecond: number
  cpu: Record<string, number>
}

const load = async (seconds: number): Promise<Turn> => {
  const warehouse = { type: 'duckdb', sources: ['web'], settings: { path: './warehouse.duckdb' } }
  await using server = await startServer({ destinations: { warehouse }, ingestProcesses: 0, cpus: CPUS })
  // The first messages make the tables and compile the code.
  const warmUp = { port: server.port, batch: 50, connections: 16, messages: 5000, first: 0 }
  const { messages: before } = await generate(warmUp, CPUS)
  await server.settled(before, { timeoutMs: 60_000 })
  const cpu = cpuSeconds(server.pid)
  const started = performance.now()
  const sent = await generate({ port: server.port, batch: 50, connections: 32, seconds, first: before }, CPUS)
  await server.settled(before + sent.messages, { timeoutMs: 600_000 })
  const perSecond = sent.messages / ((performance.now() - started) / 1000)
  const used = cpuMicros(cpu, cpuSeconds(server.pid), sent.messages)
  const { rows } = await server.api.sql('warehouse', { sql: 'select count(*), count(distinct id) from web.tracks' })
  const [count, distinct] = (rows[0] ?? []).map(Number)
  if (count !== before + sent.messages || distinct !== count) {
    throw new Error(`web.tracks has ${count} rows with ${distinct} ids; ${before + sent.messages} were accepted`)
  }
  return { perSecond, cpu: { ...used, generator: (sent.cpuSeconds * 1e6) / sent.messages } }
}

interface Bare {
  perSecond: number
  cpuMicros: number
}

const loadBare = async (messages: number): Promise<Bare> => {
  await using folder = temporaryFolder()
  const [bare] = await runNode<Bare>([bareProgram, folder.path, String(messages)], { cpus: CPUS })
  if (bare === undefined) throw new Error('bare-duckdb printed nothing')
  return bare
}
