import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { generate } from '../generate.ts'
import { cpuSeconds } from '../process-family.ts'
import { startNode, stopProcess } from '../processes.ts'
import type { Times } from '../programs/isolation-receiver.ts'
import type { Figure, Row, Run } from '../row.ts'
import { startServer } from '../server-under-test.ts'
import type { ServerUnderTest } from '../server-under-test.ts'
import { spreadOf } from '../spread.ts'
import { eventOf } from '../timed-message.ts'
import { waitUntil } from '../wait-until.ts'

/**
 * Whether destinations leave each other alone: 300 of them, each with its own event at 10 messages/s, from the client's write to
 * the receiver. With three of them that misbehave (one hangs 30 s a call, one answers 429, one works off a backlog), and before and
 * after that without the three. All three runs get the same messages.
 */
export const isolationRow: Row = {
  name: 'isolation',
  title: 'Destinations at 10 messages/s each, and three among them that misbehave',
  run: async (run) => {
    const size = run.quick ? QUICK : WHOLE
    const before = await measure(run, size, 'without the three', false)
    const disturbed = await measure(run, size, 'with the three', true)
    const after = await measure(run, size, 'without the three, again', false)
    return figuresOf(size, before, disturbed, after)
  },
}

interface Size {
  destinations: number
  backlog: number
  warmUpSeconds: number
  seconds: number
}

const WHOLE: Size = { destinations: 300, backlog: 1_000_000, warmUpSeconds: 10, seconds: 40 }
const QUICK: Size = { destinations: 100, backlog: 200_000, warmUpSeconds: 4, seconds: 10 }
const EACH_PER_SECOND = 10
const CPUS = '0,1'
const receiverProgram = fileURLToPath(new URL('../programs/isolation-receiver.ts', import.meta.url))

interface Measured extends Times {
  /** Share of one processor, by process. */
  cpu: Record<string, number>
  /** Requests of the backlog while it was measured, and whether some of it was left at the end. */
  backlogLeft: boolean
}

const measure = async (run: Run, size: Size, what: string, isDisturbed: boolean): Promise<Measured> => {
  const receiver = startNode([receiverProgram], { cpus: CPUS })
  try {
    const url = `http://127.0.0.1:${await receiver.firstLine}`
    await using server = await startServer({
      destinations: destinationsOf(url, size.destinations, isDisturbed),
      ingestProcesses: 0,
      cpus: CPUS,
    })
    const { backlog } = size
    run.progress(`${what}: ${backlog} messages are accepted first`)
    if (isDisturbed) await pauseBacklog(server)
    await generate({ port: server.port, batch: 50, connections: 16, messages: backlog, first: 0, small: true }, CPUS)
    await waitUntil(async () => ((await isCaughtUp(server)) ? true : undefined), {
      what: 'all but the paused destination have read the log',
      timeoutMs: 120_000,
    })
    const rate = size.destinations * EACH_PER_SECOND
    let first = backlog
    const send = async (seconds: number): Promise<void> => {
      const load = { port: server.port, batch: 50, connections: 16, seconds, rate, first, events: size.destinations }
      first += (await generate(load, CPUS)).messages
    }
    if (isDisturbed) await server.api.resume('backlog')
    await send(size.warmUpSeconds)
    const ask = async (): Promise<Times> => (await (await fetch(`${url}/times`)).json()) as Times
    const start = await ask()
    const cpuBefore = cpuSeconds(server.pid)
    await send(size.seconds)
    const cpuAfter = cpuSeconds(server.pid)
    const backlogLeft = isDisturbed && (await lagOf(server, 'backlog')) > 0
    // What was sent last is still under way; a second later it is not, unless something stands still.
    await sleep(1000)
    const end = await ask()
    const share = (name: string): number => ((cpuAfter[name] ?? 0) - (cpuBefore[name] ?? 0)) / size.seconds
    const measured: Measured = {
      ...end,
      backlogRequests: end.backlogRequests - start.backlogRequests,
      cpu: Object.fromEntries(Object.keys(cpuAfter).map((name) => [name, share(name)])),
      backlogLeft,
    }
    run.progress(`${what}: ${textOf(measured)}`)
    return measured
  } finally {
    await stopProcess(receiver.child)
  }
}

/** Each takes one event. The last three are those that misbehave; without them nobody takes their events. */
const destinationsOf = (url: string, count: number, isDisturbed: boolean): Record<string, unknown> => {
  const destinations: Record<string, unknown> = {}
  const add = (id: string, path: string, trigger: string, delivery: object = {}): void => {
    const settings = { url: `${url}${path}`, batchSize: 50 }
    destinations[id] = { type: 'webhook', settings, delivery, mappings: [{ action: 'send', trigger }] }
  }
  const onEvent = (number: number): string => `event = "${eventOf(number)}"`
  for (let number = 0; number < count - 3; number++) add(`timed-${number}`, `/timed/${number}`, onEvent(number))
  if (isDisturbed) {
    add('hang', '/hang', onEvent(count - 3), { timeoutMs: 60_000 })
    add('refuse', '/refuse', onEvent(count - 2))
    add('backlog', '/backlog', `event = "Page Scrolled" or ${onEvent(count - 1)}`)
  }
  return destinations
}

/** The destinations are started one after the other, this one last. */
const pauseBacklog = ({ api }: ServerUnderTest): Promise<unknown> =>
  waitUntil(() => api.pause('backlog').catch(() => undefined), { what: 'the backlog is paused', timeoutMs: 30_000 })

const isCaughtUp = async ({ api }: ServerUnderTest): Promise<boolean> => {
  const { log } = (await api.status()) as { log: { head: number; resolveCursor: number } | null }
  if (log === null || log.resolveCursor < log.head) return false
  const { destinations } = await api.destinations()
  return destinations.every(({ destination, lagBytes }) => lagBytes === 0 || destination === 'backlog')
}

const lagOf = async (server: ServerUnderTest, id: string): Promise<number> => {
  const { destinations } = await server.api.destinations()
  return destinations.find(({ destination }) => destination === id)?.lagBytes ?? 0
}

const quantiles = [
  ['p50', 'p50Ms'],
  ['p95', 'p95Ms'],
  ['p99', 'p99Ms'],
] as const

const figuresOf = (size: Size, before: Measured, disturbed: Measured, after: Measured): Figure[] => [
  ...quantiles.map(([name, key]): Figure => {
    const without = (before[key] + after[key]) / 2
    const change = (value: number, from: number): string => `${(((value - from) / from) * 100).toFixed(0)} %`
    return {
      what: `${name} of the others, with the three`,
      unit: 'ms',
      value: disturbed[key],
      limit: { what: 'mean of two runs without them', value: without },
      ratio: spreadOf([disturbed[key] / without]),
      ...(name === 'p99' && { target: { of: 'ratio', lessThan: 1.1 } as const }),
      notes: [
        `${name}: ${before[key].toFixed(1)} and ${after[key].toFixed(1)} ms without the three (they differ by ${change(after[key], before[key])}), ${disturbed[key].toFixed(1)} ms with them (${change(disturbed[key], without)} of the mean).`,
      ],
    }
  }),
  {
    what: 'deliver, of one processor, with the three',
    unit: 'percent',
    value: (disturbed.cpu['deliver'] ?? 0) * 100,
    limit: { what: 'mean without them', value: ((before.cpu['deliver'] ?? 0) + (after.cpu['deliver'] ?? 0)) * 50 },
    notes: [
      `${size.destinations} destinations, ${size.seconds} s a run. Without: ${textOf(before)}. With: ${textOf(disturbed)}. Again without: ${textOf(after)}.`,
    ],
  },
]

const textOf = ({ messages, p50Ms, p95Ms, p99Ms, maxMs, cpu, ...rest }: Measured): string => {
  const processes = Object.entries(cpu).map(([name, share]) => `${name} ${(share * 100).toFixed(0)} %`)
  const { backlogRequests, hangingRequests, refusedRequests, backlogLeft } = rest
  const three =
    hangingRequests + backlogRequests === 0
      ? ''
      : `, ${hangingRequests} requests hung, ${refusedRequests} were refused, ${backlogRequests} requests of the backlog, which was ${backlogLeft ? 'not at its end' : 'at its end'}`
  const times = [p50Ms, p95Ms, p99Ms, maxMs].map((ms) => ms.toFixed(1)).join(', ')
  return `${messages} messages, p50, p95, p99 and greatest ${times} ms, processor ${processes.join(', ')}${three}`
}
