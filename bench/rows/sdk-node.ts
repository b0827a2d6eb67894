import { fileURLToPath } from 'node:url'
import { runNode, startNode, stopProcess } from '../processes.ts'
import type { Figure, Row, Run } from '../row.ts'
import { median, spreadOf } from '../spread.ts'
import { temporaryFolder } from '../temporary.ts'

/**
 * What a server spends on sending events, beside `@segment/analytics-node` with batches of the same size, turn by turn; and a
 * long run against a server that fails a fifth of all requests, which has to lose and to double nothing.
 */
export const sdkNodeRow: Row = {
  name: 'sdk-node',
  title: 'Send from Node, batches of 100',
  run: async (run) => [...(await beside(run)), await failing(run)],
}

const program = (name: string): string => fileURLToPath(new URL(`../programs/${name}.ts`, import.meta.url))

interface Sent {
  cpuMicros: number
  perSecond: number
  peakBytes: number
}

const sendWith = async (client: string, port: number, events: number, option = ''): Promise<Sent> => {
  const args = [program('node-client'), client, `http://127.0.0.1:${port}`, String(events), option]
  const [sent] = await runNode<Sent>(args)
  if (sent === undefined) throw new Error(`${client} printed nothing`)
  return sent
}

const beside = async (run: Run): Promise<Figure[]> => {
  const [turns, events] = run.quick ? [2, 20_000] : [7, 100_000]
  const server = startNode([program('bare-server')])
  try {
    await using folder = temporaryFolder()
    const port = Number(await server.firstLine)
    const found: { ours: Sent; spooled: Sent; segment: Sent }[] = []
    for (let turn = 1; turn <= turns; turn++) {
      const ours = await sendWith('millrace', port, events)
      const spooled = await sendWith('millrace', port, events, `spool=${folder.path}`)
      const segment = await sendWith('segment', port, events)
      run.progress(`turn ${turn} of ${turns}: ${ours.cpuMicros.toFixed(1)} and ${segment.cpuMicros.toFixed(1)} µs`)
      found.push({ ours, spooled, segment })
    }
    const perCpuSecond = ({ cpuMicros }: Sent): number => 1e6 / cpuMicros
    const rate = (what: string, of: (turn: (typeof found)[number]) => Sent): Figure => ({
      what,
      unit: 'messages/s',
      value: median(found.map((turn) => perCpuSecond(of(turn)))),
      spread: spreadOf(found.map((turn) => perCpuSecond(of(turn)))),
      limit: { what: "Segment's client", value: median(found.map(({ segment }) => perCpuSecond(segment))) },
      ratio: spreadOf(found.map((turn) => perCpuSecond(of(turn)) / perCpuSecond(turn.segment))),
      cpuMicros: { client: median(found.map((turn) => of(turn).cpuMicros)) },
      limitCpuMicros: median(found.map(({ segment }) => segment.cpuMicros)),
      target: { of: 'ratio', atLeast: 4 },
      notes: [
        `${events} events in rounds of 1,000 calls and a flush; each turn is a process of its own, start included.`,
      ],
    })
    const megabytes = (bytes: number): number => bytes / 1e6
    return [
      rate('per processor second', ({ ours }) => ours),
      rate('per processor second, with a spool', ({ spooled }) => spooled),
      {
        what: 'peak RssAnon',
        unit: 'MB',
        value: median(found.map(({ ours }) => megabytes(ours.peakBytes))),
        limit: { what: "Segment's client", value: median(found.map(({ segment }) => megabytes(segment.peakBytes))) },
        ratio: spreadOf(found.map(({ ours, segment }) => ours.peakBytes / segment.peakBytes)),
        target: { of: 'ratio', lessThan: 0.5 },
      },
    ]
  } finally {
    await stopProcess(server.child)
  }
}

const failing = async (run: Run): Promise<Figure> => {
  const events = run.quick ? 50_000 : 1_000_000
  const server = startNode([program('flaky-server'), '20'])
  try {
    const port = Number(await server.firstLine)
    run.progress(`${events} events to a server that fails 20 % of requests`)
    const sent = await sendWith('millrace', port, events)
    const counts = (await (await fetch(`http://127.0.0.1:${port}/counts`)).json()) as Counts
    const lost = events - counts.messages
    if (lost !== 0 || counts.copies !== 0) throw new Error(`${lost} lost, ${counts.copies} doubled`)
    return {
      what: 'to a server that fails 20 % of requests',
      unit: 'messages/s',
      value: sent.perSecond,
      notes: [
        `${events} events, ${counts.failed} of ${counts.requests} requests failed: 0 lost, 0 doubled after deduplication by messageId.`,
      ],
    }
  } finally {
    await stopProcess(server.child)
  }
}

interface Counts {
  messages: number
  copies: number
  requests: number
  failed: number
}
