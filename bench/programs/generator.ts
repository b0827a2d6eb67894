import { connect } from 'node:net'
import { parseArgs } from 'node:util'
import { ID_DIGITS, PEOPLE, PERSON_DIGITS, benchMessage, idOf, smallMessage } from '../message.ts'
import { EVENT, EVENT_DIGITS, SENT_AT, SENT_AT_DIGITS, monotonicMicros, timedMessage } from '../timed-message.ts'

/**
 * Sends messages over raw sockets, one request at a time on each connection, until the time or the count is reached, and
 * prints one JSON line. Requests are built once; only the digits of messageIds and anonymousIds change. Run as a process of
 * its own.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    batch: { type: 'string', default: '50' },
    connections: { type: 'string', default: '16' },
    seconds: { type: 'string', default: '5' },
    /** 0: as many as the time allows. */
    messages: { type: 'string', default: '0' },
    /** Messages a second over all connections; 0: as fast as the answers come. */
    rate: { type: 'string', default: '0' },
    /** Number of the first messageId. */
    first: { type: 'string', default: '0' },
    small: { type: 'boolean', default: false },
    /** Messages that carry when they were sent, of so many events, one after the other. */
    events: { type: 'string', default: '0' },
  },
})
const batch = Number(values.batch)
const connections = Number(values.connections)
const most = Number(values.messages)
const rate = Number(values.rate)
const events = Number(values.events)

const PLACEHOLDER = idOf(0)
const PERSON = `anon-${'0'.repeat(PERSON_DIGITS)}`

interface Template {
  request: Buffer
  /** Where the digits of each messageId and of each anonymousId begin. */
  ids: number[]
  people: number[]
  /** Of timed messages, where the digits of each event and of the time begin. */
  events: number[]
  times: number[]
}

const template = (): Template => {
  const message = events > 0 ? timedMessage : values.small ? smallMessage : benchMessage
  const messages = Array.from({ length: batch }, () => message(PLACEHOLDER))
  const body = JSON.stringify(batch === 1 ? messages[0] : { batch: messages })
  const head =
    `POST /v1/${batch === 1 ? 'track' : 'batch'} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic d2tfd2ViOg==\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`
  const request = Buffer.from(head + body)
  return {
    request,
    ids: digitsOf(request, PLACEHOLDER, ID_DIGITS),
    people: digitsOf(request, PERSON, PERSON_DIGITS),
    events: events > 0 ? digitsOf(request, EVENT, EVENT_DIGITS) : [],
    times: events > 0 ? digitsOf(request, SENT_AT, SENT_AT_DIGITS) : [],
  }
}

const digitsOf = (request: Buffer, placeholder: string, digits: number): number[] => {
  const found: number[] = []
  for (let at = request.indexOf(placeholder); at !== -1; at = request.indexOf(placeholder, at + 1)) {
    found.push(at + placeholder.length - digits)
  }
  if (found.length !== batch) throw new Error(`"${placeholder}" is there ${found.length} times, not ${batch}`)
  return found
}

let nextId = Number(values.first)
const stamp = ({ request, ids, people, events: places, times }: Template): void => {
  const nowMicros = times.length > 0 ? monotonicMicros() : 0
  for (const at of times) writeDigits(request, at, SENT_AT_DIGITS, nowMicros)
  for (const [index, at] of ids.entries()) {
    const number = nextId++
    writeDigits(request, at, ID_DIGITS, number)
    writeDigits(request, people[index] as number, PERSON_DIGITS, number % PEOPLE)
    if (events > 0) writeDigits(request, places[index] as number, EVENT_DIGITS, number % events)
  }
}

const writeDigits = (request: Buffer, at: number, digits: number, number: number): void => {
  let left = number
  for (let digit = digits - 1; digit >= 0; digit--) {
    request[at + digit] = 48 + (left % 10)
    left = Math.floor(left / 10)
  }
}

let requests = 0
let failed = 0
let firstFailure = ''
let sent = 0
let isOver = false
const started = performance.now()
const latencies: number[] = []
const OK = Buffer.from('HTTP/1.1 200')

/** True when the bytes are one whole answer; both servers write theirs at once, so this is nearly always the first call. */
const isWhole = (answer: Buffer): boolean => {
  const end = answer.indexOf('\r\n\r\n')
  if (end === -1) return false
  const length = /\r\ncontent-length: *(\d+)/i.exec(answer.toString('latin1', 0, end))?.[1]
  return length !== undefined && answer.length >= end + 4 + Number(length)
}

const run = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const made = template()
    const socket = connect(Number(values.port), '127.0.0.1')
    let sentAt = 0
    let isDone = false
    let usualLength = -1
    let part: Buffer | undefined
    const send = (): void => {
      if (isOver || (most > 0 && sent >= most)) {
        isDone = true
        socket.destroy()
        resolve()
        return
      }
      // When it is early, the connection waits for the next request's turn.
      const aheadMs = rate > 0 ? started + (sent / rate) * 1000 - performance.now() : 0
      sent += batch
      if (aheadMs > 1) setTimeout(write, aheadMs)
      else write()
    }
    const write = (): void => {
      stamp(made)
      sentAt = performance.now()
      socket.write(made.request)
    }
    socket.on('connect', send)
    socket.on('error', reject)
    socket.on('close', () => {
      if (!isDone) reject(new Error(`the server closed a connection after ${requests} answers`))
    })
    socket.on('data', (chunk: Buffer) => {
      const answer = part === undefined ? chunk : Buffer.concat([part, chunk])
      // Telling whole answers by their length costs nothing; the text is looked at only when the length is new.
      if (answer.length !== usualLength && !isWhole(answer)) {
        part = answer
        return
      }
      part = undefined
      usualLength = answer.length
      requests++
      if (!answer.subarray(0, OK.length).equals(OK)) {
        failed++
        firstFailure ||= answer.toString('latin1', 0, 300)
      }
      if (requests % 16 === 0) latencies.push(performance.now() - sentAt)
      send()
    })
  })

const LONGEST_MS = 900_000
const timer = setTimeout(
  () => {
    isOver = true
  },
  most > 0 ? LONGEST_MS : Number(values.seconds) * 1000,
)
await Promise.all(Array.from({ length: connections }, run))
clearTimeout(timer)
const seconds = (performance.now() - started) / 1000
latencies.sort((a, b) => a - b)
const quantile = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0
const { user, system } = process.cpuUsage()
process.stdout.write(
  `${JSON.stringify({
    messages: requests * batch,
    failed,
    firstFailure,
    seconds,
    perSecond: (requests * batch) / seconds,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    cpuSeconds: (user + system) / 1e6,
  })}\n`,
)
