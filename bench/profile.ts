import { readFileSync, readdirSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generate } from './generate.ts'
import { cpuMicros, cpuSeconds } from './process-family.ts'
import { startReceiver, webhook } from './receiver.ts'
import { processNames, startServer } from './server-under-test.ts'
import { temporaryFolder } from './temporary.ts'

/** What can be profiled: the load, and the destinations behind it. */
export const profiles: Readonly<Record<string, { batch: number; destination?: 'webhook' | 'duckdb' }>> = {
  accept: { batch: 50 },
  single: { batch: 1 },
  webhook: { batch: 50, destination: 'webhook' },
  duckdb: { batch: 50, destination: 'duckdb' },
}

/**
 * Where the time of the server's processes goes: runs them under V8's sampling profiler and prints the functions with the most
 * time of their own. DuckDB's process has an environment of its own and is not sampled; its processor time is printed.
 */
export const profile = async (name: string, quick: boolean, progress: (text: string) => void): Promise<void> => {
  const chosen = profiles[name]
  if (chosen === undefined) {
    throw new Error(`--profile takes ${Object.keys(profiles).join(', ')}, not "${name}"`)
  }
  await using folder = temporaryFolder()
  await using receiver = await startReceiver()
  const destinations = {
    ...(chosen.destination === 'webhook' && { hook: webhook(receiver.port) }),
    ...(chosen.destination === 'duckdb' && {
      warehouse: { type: 'duckdb', sources: ['web'], settings: { path: './w.duckdb' } },
    }),
  }
  const pinned = chosen.destination === undefined
  await using server = await startServer({
    destinations,
    ingestProcesses: 0,
    cpus: pinned ? '0' : undefined,
    env: { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder.path}` },
  })
  const names = processNames(server)
  const before = cpuSeconds(server.pid)
  const load = { port: server.port, batch: chosen.batch, connections: pinned ? 64 : 32, first: 0 }
  const sent = await generate({ ...load, seconds: quick ? 4 : 15 }, pinned ? '1' : undefined)
  progress(`${sent.messages} messages sent, ${Math.round(sent.perSecond)}/s`)
  await server.settled(sent.messages, { timeoutMs: 300_000 })
  const used = cpuMicros(before, cpuSeconds(server.pid), sent.messages)
  await server.stop()
  for (const [process_, micros] of Object.entries(used)) {
    process.stdout.write(`${process_}: ${micros.toFixed(1)} µs of processor time per message\n`)
  }
  for (const file of readdirSync(folder.path).filter((found) => found.endsWith('.cpuprofile'))) {
    const pid = Number(file.split('.')[3])
    const text = readFileSync(`${folder.path}/${file}`, 'utf8')
    process.stdout.write(
      `\n${names.get(pid) ?? `process ${pid}`}\n${topFunctions(JSON.parse(text) as CpuProfile, sent.messages)}\n`,
    )
  }
}

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[]
  samples: number[]
  /** Microseconds since the sample before. */
  timeDeltas: number[]
}

const LINES = 30

/** Sums the samples by function and gives the greatest, without the time in which the process had nothing to do. */
const topFunctions = ({ nodes, samples, timeDeltas }: CpuProfile, messages: number): string => {
  const nameOf = new Map(nodes.map(({ id, callFrame }) => [id, functionName(callFrame)]))
  const micros = new Map<string, number>()
  for (const [at, id] of samples.entries()) {
    const name = nameOf.get(id) ?? ''
    micros.set(name, (micros.get(name) ?? 0) + Math.max(0, timeDeltas[at] ?? 0))
  }
  micros.delete('(idle)')
  const all = [...micros.values()].reduce((sum, part) => sum + part, 0)
  const lines = [...micros]
    .sort(([, a], [, b]) => b - a)
    .slice(0, LINES)
    .map(([name, part]) => {
      const share = ((part / all) * 100).toFixed(1).padStart(5)
      return `${share} %  ${(part / messages).toFixed(2).padStart(6)} µs/message  ${name}`
    })
  return lines.join('\n')
}

const root = fileURLToPath(new URL('..', import.meta.url))

const functionName = ({ functionName: name, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string => {
  if (url === '') return name
  const file = url.startsWith('file:') ? relative(root, fileURLToPath(url)) : url
  return `${name || '(anonymous)'} ${file}:${lineNumber + 1}`
}
