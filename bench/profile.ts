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
  const load = { port: server.port, batch: chosen.batch, connections: pinned ? 64 : 32 }
  const generatorCpus = pinned ? '1' : undefined
  const warmUp = await generate({ ...load, first: 0, seconds: quick ? 2 : 5 }, generatorCpus)
  await server.settled(warmUp.messages, { timeoutMs: 300_000 })
  progress('warm')
  const before = cpuSeconds(server.pid)
  const start = monotonicMicros()
  const { messages, perSecond } = await generate(
    { ...load, first: warmUp.messages, seconds: quick ? 4 : 15 },
    generatorCpus,
  )
  progress(`${messages} messages sent, ${Math.round(perSecond)}/s`)
  await server.settled(warmUp.messages + messages, { timeoutMs: 300_000 })
  const window = { start, end: monotonicMicros(), messages }
  const used = cpuMicros(before, cpuSeconds(server.pid), messages)
  await server.stop()
  for (const [role, micros] of Object.entries(used)) {
    process.stdout.write(`${role}: ${micros.toFixed(1)} µs of processor time per message\n`)
  }
  for (const file of readdirSync(folder.path).filter((found) => found.endsWith('.cpuprofile'))) {
    const pid = Number(file.split('.')[3])
    const sampled = JSON.parse(readFileSync(`${folder.path}/${file}`, 'utf8')) as CpuProfile
    process.stdout.write(
      `\n${names.get(pid) ?? `process ${pid}`}, by function\n${selfTimes(sampled, window, functionName)}\n`,
    )
    process.stdout.write(`\n${names.get(pid) ?? `process ${pid}`}, by file\n${selfTimes(sampled, window, fileName)}\n`)
  }
}

/** The clock of the profiles. */
const monotonicMicros = (): number => Number(process.hrtime.bigint() / 1000n)

type CallFrame = CpuProfile['nodes'][number]['callFrame']

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[]
  samples: number[]
  /** Microseconds since the sample before; the first one since `startTime`. */
  timeDeltas: number[]
  startTime: number
}

interface Window {
  /** Microseconds: the start of the program and the warm-up lie before it. */
  start: number
  end: number
  messages: number
}

const LINES = 25

/** Sums the samples by what they are named and gives the greatest, without the time in which the process had nothing to do. */
const selfTimes = (
  { nodes, samples, timeDeltas, startTime }: CpuProfile,
  { start, end, messages }: Window,
  nameOf: (frame: CallFrame) => string,
): string => {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const micros = new Map<string, number>()
  let time = startTime
  for (const [at, id] of samples.entries()) {
    const delta = Math.max(0, timeDeltas[at] ?? 0)
    time += delta
    if (time < start || time > end) continue
    const name = names.get(id) ?? ''
    micros.set(name, (micros.get(name) ?? 0) + delta)
  }
  micros.delete('(idle)')
  const all = [...micros.values()].reduce((sum, part) => sum + part, 0)
  return [...micros]
    .sort(([, a], [, b]) => b - a)
    .slice(0, LINES)
    .map(([name, part]) => {
      const share = ((part / all) * 100).toFixed(1).padStart(5)
      return `${share} %  ${(part / messages).toFixed(2).padStart(6)} µs/message  ${name}`
    })
    .join('\n')
}

const root = fileURLToPath(new URL('..', import.meta.url))

/** Frames without a file are V8's own, in brackets, or functions in C++. */
const fileName = ({ functionName: name, url }: CallFrame): string => {
  if (url === '') return name.startsWith('(') ? name : '(native)'
  return url.startsWith('file:') ? relative(root, fileURLToPath(url)) : url
}

const functionName = (frame: CallFrame): string =>
  frame.url === ''
    ? frame.functionName || '(native)'
    : `${frame.functionName || '(anonymous)'} ${fileName(frame)}:${frame.lineNumber + 1}`
