import type { IncomingMessage, ServerOptions, ServerResponse } from 'node:http'
import type { IngestSource, IngestionOptions } from './ingestion-options.ts'
import type { IngestionMetrics } from './metrics.ts'

/**
 * The Tracking API of one process. It keeps no state but counters: what it accepts is durable before it says so.
 * @example
 * const api = new TrackingApi({ append: (block) => log.append(block), fingerprintKey })
 * api.setSources(sources)
 * const server = createServer(api.serverOptions, (request, response) => api.handle(request, response))
 */
export class TrackingApi {
  readonly #options: IngestionOptions

  constructor(options: IngestionOptions) {
    this.#options = options
  }

  /** Options for `http.createServer` that the time limits need. */
  get serverOptions(): ServerOptions {
    return {}
  }

  /** Replaces all sources at once; requests already read keep theirs. Throws when two sources share a write key. */
  setSources(_sources: readonly IngestSource[]): void {}

  /** Whether `handle` answers this request: everything under `/v1/`. `path` may carry a query. */
  matches(_method: string, path: string): boolean {
    return path.startsWith('/v1/')
  }

  /** Reads and answers one request. Never throws. */
  handle(_request: IncomingMessage, _response: ServerResponse): void {
    void this.#options
  }

  metrics(): IngestionMetrics {
    throw new Error('not built yet')
  }

  /** Answers new requests with 503, waits until all others are answered and all rejections are handed over. */
  async drain(): Promise<void> {}
}
