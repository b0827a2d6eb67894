import type { HttpClient, HttpFailure, HttpRequest, HttpResponse } from '@millrace/component-kit'
import { brokenBody, isTaken, okBody, retryAfterHeader } from './fault.ts'
import type { Fault, FaultPlan } from './fault.ts'
import type { VirtualClock } from './virtual-clock.ts'

export interface MemoryTransportOptions {
  clock: VirtualClock
  plan: FaultPlan
  /** For one request in all, as the real client has it. */
  timeoutMs: number
  /** From request to answer when nothing goes wrong. Default 10. */
  latencyMs?: number
  /** The receiver: takes a request and gives its answer's body. Default: `{"success":true}`. */
  receive?: (request: HttpRequest, atMs: number) => string
}

/** The fault model without sockets: an `HttpClient` under a virtual clock, for simulations of thousands of runs. */
export class MemoryTransport implements HttpClient {
  readonly #options: MemoryTransportOptions
  #requests = 0

  constructor(options: MemoryTransportOptions) {
    this.#options = options
  }

  get requests(): number {
    return this.#requests
  }

  async request(request: HttpRequest): Promise<HttpResponse | HttpFailure> {
    const { clock, plan, timeoutMs, latencyMs = 10, receive = () => okBody } = this.#options
    const startedMs = clock.now()
    const fault = plan({ index: this.#requests++, atMs: startedMs })
    const body = fault === undefined || isTaken(fault) ? receive(request, startedMs) : okBody
    const takesMs = fault === undefined ? latencyMs : durationOf(fault, body, latencyMs)
    await this.#wait(Math.min(takesMs, timeoutMs), request.signal)
    if (request.signal?.aborted === true)
      return { failure: 'network', code: 'ABORTED', message: 'The request was ended.' }
    if (takesMs >= timeoutMs) {
      return { failure: 'timeout', code: 'REQUEST_TIMEOUT', message: `No complete answer within ${timeoutMs} ms.` }
    }
    return fault === undefined ? { status: 200, headers: {}, text: body } : answerOf(fault, clock.now())
  }

  #wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const { clock } = this.#options
    return new Promise((resolve) => {
      const timer = clock.setTimeout(done, ms)
      function done(): void {
        clock.clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      signal?.addEventListener('abort', done)
      if (signal?.aborted === true) done()
    })
  }
}

/** How long an exchange with this fault takes. */
const durationOf = (fault: Fault, body: string, latencyMs: number): number => {
  switch (fault.kind) {
    case 'refused':
    case 'tls':
      return 0
    case 'hang':
      return Number.POSITIVE_INFINITY
    case 'trickle':
      return body.length * 1000
    default:
      return latencyMs
  }
}

const answerOf = (fault: Fault, nowMs: number): HttpResponse | HttpFailure => {
  switch (fault.kind) {
    case 'status': {
      const { status, retryAfter } = fault
      const headers: Record<string, string> =
        retryAfter === undefined ? {} : { 'retry-after': retryAfterHeader(retryAfter, nowMs) }
      return { status, headers, text: '' }
    }
    case 'broken-body':
      return { status: 200, headers: {}, text: brokenBody }
    case 'trickle':
      return { status: 200, headers: {}, text: okBody }
    case 'refused':
      return { failure: 'network', code: 'ECONNREFUSED', message: 'Nobody listens.' }
    case 'tls':
      return { failure: 'network', code: 'EPROTO', message: 'The TLS handshake failed.' }
    default:
      return { failure: 'network', code: 'ECONNRESET', message: 'The connection was reset.' }
  }
}
