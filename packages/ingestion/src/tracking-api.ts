import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerOptions, ServerResponse } from 'node:http'
import { MAX_ROWS } from '@millrace/storage'
import { Acceptor } from './acceptor.ts'
import { unavailable } from './answer.ts'
import type { Answer } from './answer.ts'
import { BlockWriter } from './block-writer.ts'
import { BodyTimer } from './body-timer.ts'
import { ClientAddress } from './client-address.ts'
import { preflightHeaders } from './cors.ts'
import { Exchange, writeAnswer } from './exchange.ts'
import type { ExchangeHost } from './exchange.ts'
import type { IngestSource, IngestionOptions } from './ingestion-options.ts'
import { defaultLimits } from './limits.ts'
import type { Limits } from './limits.ts'
import { RequestMetrics } from './metrics.ts'
import type { IngestionMetrics } from './metrics.ts'
import { RejectionStore } from './rejection-store.ts'
import { routeOf } from './routes.ts'
import { SourceTable } from './source-table.ts'
import { UserAgents } from './user-agents.ts'

/** While draining, a body that is still arriving gets this long from its start. */
const drainBodyMs = 2000

/**
 * The Tracking API of one process. It keeps no state but counters: what it accepts is durable before it says so.
 * @example
 * const api = new TrackingApi({ append: (block) => log.append(block), fingerprintKey })
 * api.setSources(sources)
 * const server = createServer(api.serverOptions, (request, response) => api.handle(request, response))
 */
export class TrackingApi {
  readonly #limits: Limits
  readonly #writer: BlockWriter
  readonly #rejections: RejectionStore
  readonly #requests = new RequestMetrics()
  readonly #timer: BodyTimer
  readonly #host: ExchangeHost & { sources: SourceTable }
  #open = 0
  #isDraining = false
  #whenDone: (() => void)[] = []

  /** Throws on limits that a block cannot hold and on trusted proxies that are no addresses. */
  constructor(options: IngestionOptions) {
    const limits = { ...defaultLimits, ...options.limits }
    if (limits.maxBatchMessages > MAX_ROWS) {
      throw new RangeError(`maxBatchMessages is ${limits.maxBatchMessages}; a block takes at most ${MAX_ROWS}`)
    }
    const now = options.now ?? Date.now
    const onError = options.onError ?? (() => {})
    this.#limits = limits
    this.#writer = new BlockWriter(options.append, options.fingerprintKey)
    this.#rejections = new RejectionStore(
      this.#writer,
      limits.rejectionsPerMinute,
      limits.unknownKeyRejectionsPerMinute,
      now,
    )
    this.#timer = new BodyTimer(limits.bodyTimeoutMs, () => performance.now())
    const tools = {
      clientAddress: new ClientAddress(options.trustedProxies ?? []),
      userAgents: new UserAgents(),
      newMessageId: options.newMessageId ?? randomUUID,
    }
    this.#host = {
      limits,
      acceptor: new Acceptor(limits, tools, this.#writer, this.#rejections),
      timer: this.#timer,
      metrics: this.#requests,
      sources: new SourceTable([]),
      readingBytes: 0,
      now,
      isOverloaded: () => this.#isOverloaded,
      onError,
      finished: () => this.#finished(),
    }
  }

  /** Options for `http.createServer` that the time limits need. */
  get serverOptions(): ServerOptions {
    const { headersTimeoutMs, bodyTimeoutMs } = this.#limits
    return {
      headersTimeout: headersTimeoutMs,
      // The body's own limit comes first and says why; this one catches what never becomes a request.
      requestTimeout: headersTimeoutMs + bodyTimeoutMs + 5000,
      connectionsCheckingInterval: Math.min(5000, headersTimeoutMs),
      // Longer than load balancers keep theirs (60 s), so that it is not us who closes as they send.
      keepAliveTimeout: 65_000,
    }
  }

  /** Replaces all sources at once. Throws when two of them share a write key; then the former ones stay. */
  setSources(sources: readonly IngestSource[]): void {
    this.#host.sources = new SourceTable(sources)
  }

  /** Whether `handle` answers this request: everything under `/v1/`. `path` may carry a query. */
  matches(_method: string, path: string): boolean {
    return path.startsWith('/v1/')
  }

  /** Reads and answers one request. Never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '/'
    const mark = url.indexOf('?')
    const route = routeOf(mark === -1 ? url : url.slice(0, mark))
    if (request.method === 'POST' && route !== undefined && !this.#isDraining && !this.#isOverloaded) {
      this.#open++
      new Exchange(this.#host, request, response, route, mark === -1 ? '' : url.slice(mark + 1)).start()
    } else if (request.method === 'OPTIONS') {
      response.writeHead(200, preflightHeaders(request.headers))
      response.end()
    } else {
      const answer = this.#refusalOf(request.method, route !== undefined)
      this.#requests.answered(answer.status, 0)
      writeAnswer(request, response, answer, this.#isDraining)
    }
  }

  metrics(): IngestionMetrics {
    const { acceptedBySource, requestsByStatus, bodyBytes, latency } = this.#requests
    const { blocks, blockBytes, waitingBytes } = this.#writer
    const { countByCode } = this.#rejections
    return structuredClone({
      acceptedBySource,
      rejectedByCode: countByCode,
      requestsByStatus,
      bodyBytes,
      blocks,
      blockBytes,
      waitingBytes,
      latency,
    })
  }

  /** Answers new requests with 503, waits until all others are answered and all rejections are handed over. */
  async drain(): Promise<void> {
    this.#isDraining = true
    this.#timer.shorten(drainBodyMs)
    if (this.#open > 0) await new Promise<void>((resolve) => this.#whenDone.push(resolve))
    this.#rejections.flush()
    await this.#writer.idle()
  }

  get #isOverloaded(): boolean {
    return this.#host.readingBytes + this.#writer.waitingBytes > this.#limits.maxWaitingBytes
  }

  #finished(): void {
    this.#open--
    if (this.#open === 0) for (const resolve of this.#whenDone.splice(0)) resolve()
  }

  #refusalOf(method: string | undefined, isRoute: boolean): Answer {
    if (!isRoute) {
      const message = 'There is no such route. Send to /v1/batch or /v1/{identify,track,page,screen,group,alias}.'
      return { status: 404, code: 'not_found', message }
    }
    if (method !== 'POST') {
      return { status: 405, code: 'method_not_allowed', message: `This route takes POST, not ${method}.` }
    }
    return this.#isDraining
      ? unavailable('The server is stopping. Send the request again after Retry-After.')
      : unavailable('Too much is waiting to be stored. Send the request again after Retry-After.')
  }
}
