import { Agent, get } from 'node:http'
import { generate } from '../generate.ts'
import { idOf } from '../message.ts'
import { startReceiver, webhook } from '../receiver.ts'
import type { Figure, Row } from '../row.ts'
import { startServer } from '../server-under-test.ts'
import { quantile } from '../spread.ts'

/**
 * How long it takes to find one message by its id, with all its stages, over the HTTP API. The limit is the same request for
 * `/healthz`, which reads nothing. That the index is on costs ingestion what the accept rows show: it is always on.
 */
export const messageIndexRow: Row = {
  name: 'message-index',
  title: 'Find one message by its id',
  run: async (run) => {
    const [messages, lookups] = run.quick ? [100_000, 300] : [1_000_000, 3000]
    await using receiver = await startReceiver()
    await using server = await startServer({ destinations: { hook: webhook(receiver.port) }, ingestProcesses: 0 })
    run.progress(`${messages} messages are accepted and delivered`)
    await generate({ port: server.port, batch: 50, connections: 32, messages, first: 0 }, undefined)
    await server.settled(messages, { timeoutMs: 300_000 })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ask = (path: string): Promise<Answer> => timedGet(agent, server.url + path, server.token)
    const found: number[] = []
    const unknown: number[] = []
    const healthy: number[] = []
    run.progress(`${lookups} look-ups`)
    // Spread over the whole log and visited out of order: a step that shares no factor with the count reaches every id.
    const STEP = 618_033
    const end = performance.now() + LONGEST_MS
    for (let at = 0; at < lookups && performance.now() < end; at++) {
      const id = idOf((at * STEP) % messages)
      const answer = await ask(`/api/messages/${id}`)
      if (answer.status !== 200) throw new Error(`/api/messages/${id} answered ${answer.status}`)
      found.push(answer.ms)
      unknown.push((await ask(`/api/messages/${idOf(messages * 10 + at)}`)).ms)
      healthy.push((await ask('/healthz')).ms)
    }
    agent.destroy()
    const figure = (what: string, times: number[], share: number): Figure => ({
      what: `${what}, p${share * 100}`,
      unit: 'ms',
      value: quantile(
        times.sort((a, b) => a - b),
        share,
      ),
      limit: {
        what: `/healthz, p${share * 100}`,
        value: quantile(
          healthy.sort((a, b) => a - b),
          share,
        ),
      },
    })
    const counted = { notes: [`${found.length} look-ups of each kind, one after the other.`] }
    return [
      { ...figure(`one of ${messages} messages`, found, 0.5), ...counted },
      figure(`one of ${messages} messages`, found, 0.99),
      figure('an unknown id', unknown, 0.5),
      figure('an unknown id', unknown, 0.99),
    ]
  },
}

/** Slow look-ups end the row with fewer of them. */
const LONGEST_MS = 60_000

interface Answer {
  status: number
  ms: number
}

const timedGet = (agent: Agent, url: string, token: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const started = performance.now()
    const request = get(url, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
      response.resume()
      response.on('end', () => resolve({ status: response.statusCode ?? 0, ms: performance.now() - started }))
      response.on('error', reject)
    })
    request.on('error', reject)
  })
