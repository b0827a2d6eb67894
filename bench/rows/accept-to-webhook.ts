import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ReceiverProcess } from '@millrace/testkit'
import { latencyQuantile, readLatency } from '../delivery-latency.ts'
import { generate } from '../generate.ts'
import { cpuMicros, cpuSeconds } from '../process-family.ts'
import { pin, startNode, stopProcess } from '../processes.ts'
import { startCounter, startReceiver, webhook } from '../receiver.ts'
import type { Figure, Row, Run } from '../row.ts'
import { startServer } from '../server-under-test.ts'
import type { ServerUnderTest } from '../server-under-test.ts'
import { median, medians, spreadOf } from '../spread.ts'
import { waitUntil } from '../wait-until.ts'

/**
 * From the client's call to the receiver of a webhook, on two processors that the generator, Millrace and the receiver share. The
 * time runs until the receiver has the last message. The limit answers a request when the receiver has answered, and stores nothing.
 */
export const acceptToWebhookRow: Row = {
  name: 'webhook',
  title: 'Accept → webhook, batches of 50, two processors',
  run: async (run) => {
    await using receiver = await startReceiver()
    pin(receiver.pid, CPUS)
    const bare = startNode([forwarder, receiver.url], { cpus: CPUS })
    try {
      await using millrace = await startServer({
        destinations: { hook: webhook(receiver.port) },
        ingestProcesses: 0,
        cpus: CPUS,
      })
      const barePort = Number(await bare.firstLine)
      const flooded = await flood(run, receiver, millrace, { port: barePort, pid: bare.pid })
      return [flooded, await paced(run, receiver, millrace, Math.min(PACE, 0.8 * flooded.value))]
    } finally {
      await stopProcess(bare.child)
    }
  },
}

const CPUS = '0,1'
const TARGET = 30_000
const PACE = 30_000
const CONNECTIONS = 32
const forwarder = fileURLToPath(new URL('../programs/bare-forwarder.ts', import.meta.url))

let first = 0

interface Turn {
  perSecond: number
  cpu: Record<string, number>
}

/** Sends for some seconds and waits until the receiver has all of it. */
const turn = async (
  receiver: ReceiverProcess,
  { port, pid }: { port: number; pid: number },
  seconds: number,
): Promise<Turn> => {
  const counter = startCounter(receiver.port)
  try {
    const had = await counter.messages()
    const before = { server: cpuSeconds(pid), receiver: cpuSeconds(receiver.pid) }
    const started = performance.now()
    const generated = await generate({ port, batch: 50, connections: CONNECTIONS, seconds, first }, CPUS)
    first += generated.messages
    await waitUntil(async () => ((await counter.messages()) >= had + generated.messages ? true : undefined), {
      what: `the receiver has ${generated.messages} messages`,
      everyMs: 20,
      timeoutMs: 120_000,
    })
    const perSecond = generated.messages / ((performance.now() - started) / 1000)
    return {
      perSecond,
      cpu: {
        ...cpuMicros(before.server, cpuSeconds(pid), generated.messages),
        receiver: totalOf(cpuMicros(before.receiver, cpuSeconds(receiver.pid), generated.messages)),
        generator: (generated.cpuSeconds * 1e6) / generated.messages,
      },
    }
  } finally {
    counter.close()
  }
}

const totalOf = (parts: Record<string, number>): number => Object.values(parts).reduce((sum, part) => sum + part, 0)

const flood = async (
  run: Run,
  receiver: ReceiverProcess,
  millrace: ServerUnderTest,
  bare: { port: number; pid: number },
): Promise<Figure> => {
  const [pairs, seconds] = run.quick ? [1, 5] : [3, 20]
  await turn(receiver, millrace, 3)
  await turn(receiver, bare, 3)
  const turns: { millrace: Turn; bare: Turn }[] = []
  for (let pair = 1; pair <= pairs; pair++) {
    const found = { millrace: await turn(receiver, millrace, seconds), bare: await turn(receiver, bare, seconds) }
    const rates = `${Math.round(found.millrace.perSecond)} / ${Math.round(found.bare.perSecond)} messages/s`
    run.progress(`pair ${pair} of ${pairs}: ${rates}`)
    turns.push(found)
  }
  const spread = spreadOf(turns.map((found) => found.millrace.perSecond))
  return {
    what: `as fast as it goes, ${seconds} s and until delivered`,
    unit: 'messages/s',
    value: spread.median,
    spread,
    limit: { what: 'bare node:http + JSON.parse + undici', value: median(turns.map((found) => found.bare.perSecond)) },
    ratio: spreadOf(turns.map((found) => found.millrace.perSecond / found.bare.perSecond)),
    cpuMicros: medians(turns.map((found) => found.millrace.cpu)),
    limitCpuMicros: median(turns.map((found) => totalOf(found.bare.cpu))),
    target: { of: 'value', atLeast: TARGET },
  }
}

/** At a steady rate, what the receiver gets while the generator sends, and how late. */
const paced = async (run: Run, receiver: ReceiverProcess, millrace: ServerUnderTest, rate: number): Promise<Figure> => {
  const seconds = run.quick ? 5 : 20
  run.progress(`${Math.round(rate)} messages/s for ${seconds} s`)
  const counter = startCounter(receiver.port)
  try {
    const [latency, had, cpu] = [
      await readLatency(millrace, 'hook'),
      await counter.messages(),
      cpuSeconds(millrace.pid),
    ]
    const sent = await generate(
      { port: millrace.port, batch: 50, connections: CONNECTIONS, seconds, rate, first },
      CPUS,
    )
    const got = (await counter.messages()) - had
    const cpuAfter = cpuSeconds(millrace.pid)
    first += sent.messages
    await waitUntil(async () => ((await counter.messages()) >= had + sent.messages ? true : undefined), {
      what: `the receiver has ${sent.messages} messages`,
      timeoutMs: 120_000,
    })
    // The last outcomes are counted after the receiver's answer.
    await sleep(500)
    const after = await readLatency(millrace, 'hook')
    const [p50, p99] = [latencyQuantile(latency, after, 0.5), latencyQuantile(latency, after, 0.99)]
    return {
      what: `paced at ${Math.round(rate)} messages/s, at the receiver while sending`,
      unit: 'messages/s',
      value: got / sent.seconds,
      limit: { what: 'sent', value: sent.perSecond },
      ratio: spreadOf([got / sent.messages]),
      cpuMicros: {
        ...cpuMicros(cpu, cpuAfter, sent.messages),
        generator: (sent.cpuSeconds * 1e6) / sent.messages,
      },
      notes: [
        `From receipt to delivery: p50 at most ${p50} ms, p99 at most ${p99} ms (bounds of the histogram in /metrics).`,
        `From request to 200: p50 ${sent.p50Ms.toFixed(1)} ms, p99 ${sent.p99Ms.toFixed(1)} ms.`,
      ],
    }
  } finally {
    counter.close()
  }
}
