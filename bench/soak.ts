import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { allFaults, randomFromEnvironment, startFaultProxy } from '@millrace/testkit'
import { generate } from './generate.ts'
import { describeMachine } from './machine.ts'
import { holdingsOf } from './process-family.ts'
import { startReceiver } from './receiver.ts'
import { startServer } from './server-under-test.ts'
import { isGrowing, trendOf } from './trend.ts'
import type { Sample, Tolerance } from './trend.ts'
import { waitUntil } from './wait-until.ts'

/**
 * `npm run soak`: whether memory or descriptors of any process grow while messages come at a steady rate and their receiver
 * fails in every way. Ends with 1 when something grew, when the ledger does not balance, or when not all was delivered.
 */
const usage = `npm run soak -- [--minutes 10] [--rate 5000] [--settle-minutes 2]
  --minutes         how long messages are sent
  --rate            messages a second
  --settle-minutes  how long memory may grow: caches and tables fill, code is compiled`

const SAMPLE_SECONDS = 5
/** The slope of the samples after the settling time, over that time, may make up for so much. */
const tolerances: Record<'memory' | 'descriptors', Tolerance> = {
  memory: { share: 0.1, least: 8 * 1024 * 1024 },
  descriptors: { share: 0.1, least: 4 },
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '5000' },
    'settle-minutes': { type: 'string', default: '2' },
    help: { type: 'boolean', default: false },
  },
})

const progress = (text: string): void => {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`)
}

interface Series {
  memory: Sample[]
  descriptors: Sample[]
}

const soak = async (minutes: number, rate: number, settleMinutes: number): Promise<boolean> => {
  const random = randomFromEnvironment('soak', progress)
  const faults = allFaults({ random, burstShare: 0.0005 })
  await using receiver = await startReceiver()
  await using proxy = await startFaultProxy({ target: receiver.url, plan: faults.plan })
  await using server = await startServer({
    destinations: {
      hook: {
        type: 'webhook',
        settings: { url: `${proxy.url}/in`, batchSize: 50 },
        delivery: { timeoutMs: 500, firstRetryDelayMs: 100, maxRetryDelayMs: 1_000, circuitProbeDelayMs: 100 },
      },
    },
    // A table of ids grows until it is full; a small one is full within the settling time.
    settings: { deduplication: { maxIds: Math.max(1_000, Math.round(rate * settleMinutes * 30)) } },
    ingestProcesses: 0,
  })
  const series = new Map<string, Series>()
  const started = performance.now()
  const sample = (): void => {
    const atSeconds = (performance.now() - started) / 1000
    for (const [name, { anonymousBytes, descriptors }] of holdingsOf(server.pid)) {
      const found = series.get(name) ?? { memory: [], descriptors: [] }
      series.set(name, found)
      found.memory.push({ atSeconds, value: anonymousBytes })
      found.descriptors.push({ atSeconds, value: descriptors })
    }
  }
  const timer = setInterval(sample, SAMPLE_SECONDS * 1000)
  let messages = 0
  try {
    for (let minute = 0; minute < minutes; minute++) {
      const seconds = Math.min(1, minutes - minute) * 60
      const load = { port: server.port, batch: 50, connections: 8, seconds, rate, first: messages }
      const { messages: sent, perSecond } = await generate(load, undefined)
      messages += sent
      progress(`${messages} messages, ${Math.round(perSecond)}/s; ${holdingsText(series)}`)
    }
  } finally {
    clearInterval(timer)
  }
  // What is tried again at the end needs no faults.
  proxy.setPlan(() => undefined)
  await server.settled(messages, { timeoutMs: 600_000 })
  await sleep(1_000)
  const isBalanced = await waitUntil(async () => (await server.api.verifyLedger()).balanced, {
    what: 'the ledger is verified',
    timeoutMs: 60_000,
  })
  const grew = report(series, settleMinutes * 60)
  const played = [...faults.played].map(([name, count]) => `${name} ${count}`).join('; ')
  process.stdout.write(
    `\n- ${messages} messages in ${minutes} min, ${proxy.requests} requests of the webhook; faults: ${played}.\n` +
      `- The ledger ${isBalanced ? 'balances' : 'DOES NOT balance'}; everything was delivered.\n- ${describeMachine()}\n` +
      `\n${grew.length === 0 ? 'nothing grows' : `GROWS: ${grew.join(', ')}`}\n`,
  )
  return isBalanced && grew.length === 0
}

const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1)

const holdingsText = (series: ReadonlyMap<string, Series>): string =>
  [...series]
    .map(([name, { memory, descriptors }]) => {
      const [bytes, count] = [memory.at(-1)?.value ?? 0, descriptors.at(-1)?.value ?? 0]
      return `${name} ${megabytes(bytes)} MB, ${count} descriptors`
    })
    .join('; ')

/** Prints a table and gives what grew. A process that was restarted meanwhile goes on under its name. */
const report = (series: ReadonlyMap<string, Series>, fromSeconds: number): string[] => {
  const grew: string[] = []
  const lines = [
    '| process | of | at first | at last | middle | growth by slope | verdict |',
    '|---|---|---|---|---|---|---|',
  ]
  for (const [name, found] of series) {
    for (const kind of ['memory', 'descriptors'] as const) {
      const samples = found[kind].filter(({ atSeconds }) => atSeconds >= fromSeconds)
      if (samples.length < 2) throw new Error(`${name} has ${samples.length} samples after the settling time`)
      const trend = trendOf(samples)
      const tolerance = tolerances[kind]
      const isBad = isGrowing(trend, tolerance)
      if (isBad) grew.push(`${kind} of ${name}`)
      const show = (value: number): string => (kind === 'memory' ? `${megabytes(value)} MB` : value.toFixed(0))
      const bound = show(Math.max(tolerance.share * trend.middle, tolerance.least))
      const cells = [name, kind === 'memory' ? 'RssAnon' : 'descriptors']
      cells.push(...[trend.first, trend.last, trend.middle, trend.growth].map(show))
      lines.push(`| ${[...cells, isBad ? `GROWS (more than ${bound})` : `none (at most ${bound})`].join(' | ')} |`)
    }
  }
  process.stdout.write(`${lines.join('\n')}\n`)
  return grew
}

process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))
if (values.help) {
  process.stdout.write(`${usage}\n`)
} else {
  const [minutes, rate, settleMinutes] = [values.minutes, values.rate, values['settle-minutes']].map(Number)
  if (!(minutes && rate && settleMinutes !== undefined && minutes > settleMinutes)) {
    process.stderr.write(`--minutes must be more than --settle-minutes, and --rate more than 0\n${usage}\n`)
    process.exitCode = 2
  } else {
    process.exitCode = (await soak(minutes, rate, settleMinutes)) ? 0 : 1
  }
}
