import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { quantile } from '../spread.ts'
import { monotonicMicros, sentTimes } from '../timed-message.ts'

/**
 * A receiver for destinations of which some misbehave; prints its port. Run as a process of its own.
 *
 *   /timed/…    takes messages and notes how long each has been under way since its sender wrote it
 *   /hang       answers after 30 s
 *   /refuse     answers 429
 *   /backlog    takes messages and counts requests
 *   GET /times  what was noted since it was asked last
 */
export interface Times {
  messages: number
  p50Ms: number
  p95Ms: number
  p99Ms: number
  maxMs: number
  backlogRequests: number
  hangingRequests: number
  refusedRequests: number
}

const HANG_MS = 30_000

let micros: number[] = []
const requests = { backlog: 0, hanging: 0, refused: 0 }

const answer = (response: ServerResponse, path: string, body: Buffer[]): void => {
  if (path.startsWith('/timed/')) {
    const now = monotonicMicros()
    for (const sentAt of sentTimes(Buffer.concat(body))) micros.push(now - sentAt)
    response.end()
  } else if (path === '/backlog') {
    requests.backlog++
    response.end()
  } else if (path === '/hang') {
    requests.hanging++
    setTimeout(() => response.end(), HANG_MS).unref()
  } else if (path === '/refuse') {
    requests.refused++
    response.writeHead(429).end()
  } else {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(takeTimes()))
  }
}

const takeTimes = (): Times => {
  const sorted = Float64Array.from(micros).sort()
  const ms = (share: number): number => (sorted.length === 0 ? 0 : quantile([...sorted], share) / 1000)
  const times: Times = {
    messages: sorted.length,
    p50Ms: ms(0.5),
    p95Ms: ms(0.95),
    p99Ms: ms(0.99),
    maxMs: ms(1),
    backlogRequests: requests.backlog,
    hangingRequests: requests.hanging,
    refusedRequests: requests.refused,
  }
  micros = []
  return times
}

const server = createServer((request, response) => {
  const body: Buffer[] = []
  request.on('data', (chunk: Buffer) => body.push(chunk))
  request.on('end', () => answer(response, request.url ?? '', body))
  request.on('error', () => undefined)
})
server.keepAliveTimeout = 120_000
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
