import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerOptions, ServerResponse } from 'node:http'
import { MAX_ROWS } from '@millrace/storage'
import { Acceptor } from './acceptor.ts'
import { unavailable } from './answer.ts'
import type { Answer } from './answer.ts'
import { BlockWriter } from './block-writer.ts'
import { BodyTimer } from './body-timer.ts'
import { ClientAddress } from './client-address.ts'
import { takeClientMetrics } from './client-metrics.ts'
import { preflightHeaders } from './cors.ts'
import { Documents, documentOf, documentPrefixes } from './documents.ts'
import { Exchange, writeAnswer } from './exchange.ts'
import type { ExchangeHost } from './exchange.ts'
import type { IngestSource, IngestionOptions } from './ingestion-options.ts'
import { defaultLimits } from './limits.ts'
import type { Limits } from './limits.ts'
import { RequestMetrics } from './metrics.ts'
import type { IngestionMetrics } from './metrics.ts'
import { parsePublicUrl } from './public-address.ts'
import { RejectionStore } from './rejection-store.ts'
import { routeOf, routePrefixes } from './routes.ts'
import { SourceTable } from './source-table.ts'
import { UserAgents } from './user-agents.ts'

/** While draining, a body that is still arriving gets this long from its start. */
const drainBodyMs = 2000

const prefixes = [...routePrefixes, ...documentPrefixes]

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
  readonly #documents: Documents
  readonly #host: ExchangeHost & { sources: SourceTable }
  #open = 0
  #isDraining = false
  #whenDone: (() => void)[] = []

  /** Throws on limits that a block cannot hold, on trusted proxies that are no addresses, and on a malformed public URL. */
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
    const clientAddress = new ClientAddress(options.trustedProxies ?? [])
    const { publicUrl } = options
    const publicAddress = publicUrl === undefined ? undefined : parsePublicUrl(publicUrl)
    if (publicUrl !== undefined && publicAddress === undefined) {
      throw new RangeError(
        `the public URL ${JSON.stringify(publicUrl)} is none; write it as https://events.example.com`,
      )
    }
    this.#documents = new Documents({ scripts: options.browserScripts, proxies: clientAddress, publicAddress })
    const tools = {
      clientAddress,
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

  /** Whether `handle` answers this request: by how its path begins. `path` may carry a query. */
  matches(_method: string, path: string): boolean {
    return path.startsWith('/v1/') || prefixes.some((prefix) => path.startsWith(prefix))
  }

  /** Reads and answers one request. Never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '/'
    const mark = url.indexOf('?')
    const path = mark === -1 ? url : url.slice(0, mark)
    const query = mark === -1 ? '' : url.slice(mark + 1)
    const route = routeOf(path)
    if (request.method === 'POST' && route !== undefined && !this.#isDraining && !this.#isOverloaded) {
      if (route.isClientMetrics === true) {
        this.#takeClientMetrics(request, response)
        return
      }
      this.#open++
      new Exchange(this.#host, request, response, route, query).start()
    } else if (request.method === 'OPTIONS') {
      response.writeHead(200, preflightHeaders(request.headers))
      response.end()
    } else if (route === undefined) {
      this.#serve(path, query, request, response)
    } else {
      this.#refuse(request, response, this.#refusalOf(request.method))
    }
  }

  metrics(): IngestionMetrics {
    const { acceptedBySource, requestsByStatus, clientMetrics, bodyBytes, latency } = this.#requests
    const { blocks, blockBytes, waitingBytes } = this.#writer
    const { countByCode } = this.#rejections
    return structuredClone({
      acceptedBySource,
      rejectedByCode: countByCode,
      requestsByStatus,
      clientMetrics,
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

  #takeClientMetrics(request: IncomingMessage, response: ServerResponse): void {
    takeClientMetrics(request, response, this.#limits.maxBodyBytes, () => {
      this.#requests.clientMetrics++
      this.#requests.answered(200, 0)
    })
  }

  /** Documents and scripts: what clients load before they send. */
  #serve(path: string, query: string, request: IncomingMessage, response: ServerResponse): void {
    const { method } = request
    const wanted = documentOf(path)
    if (wanted === undefined) {
      this.#refuse(request, response, noRoute)
    } else if (method !== 'GET' && method !== 'HEAD') {
      this.#refuse(request, response, wrongMethod(method, 'GET'))
    } else {
      const refusal = this.#documents.serve(wanted, query, this.#host.sources, request, response)
      if (refusal !== undefined) this.#refuse(request, response, refusal)
    }
  }

  #refuse(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
    this.#requests.answered(answer.status, 0)
    writeAnswer(request, response, answer, this.#isDraining)
  }

  #finished(): void {
    this.#open--
    if (this.#open === 0) for (const resolve of this.#whenDone.splice(0)) resolve()
  }

  #refusalOf(method: string | undefined): Answer {
    if (method !== 'POST') return wrongMethod(method, 'POST')
    return this.#isDraining
      ? unavailable('The server is stopping. Send the request again after Retry-After.')
      : unavailable('Too much is waiting to be stored. Send the request again after Retry-After.')
  }
}

const noRoute: Answer = {
  status: 404,
  code: 'not_found',
  message: 'There is no such route. Send to /v1/batch or /v1/{identify,track,page,screen,group,alias}.',
}

const wrongMethod = (method: string | undefined, right: 'GET' | 'POST'): Answer => ({
  status: 405,
  code: 'method_not_allowed',
  message: `This route takes ${right}, not ${method}.`,
  allow: right === 'GET' ? 'GET, HEAD, OPTIONS' : 'POST, OPTIONS',
})
