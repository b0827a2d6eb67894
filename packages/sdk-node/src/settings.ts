import type { HttpClient } from './http-client.ts'
import type { SpoolSettings } from './spool/spool-queue.ts'

/** How an `Analytics` is made. The names are those of `@segment/analytics-node`, with additions. Times are in milliseconds. */
export interface AnalyticsSettings {
  /** Of a source of the workspace. */
  writeKey: string
  /** Where Millrace is: `https://events.example.com`. A path is kept. */
  host: string
  /** Where it takes batches; by default `/v1/batch`. */
  path?: string | undefined
  /** Messages in one request; by default 100. As many start a request at once. */
  flushAt?: number | undefined
  /** Another name of `flushAt`. */
  maxEventsInBatch?: number | undefined
  /** How long fewer may wait; by default 1,000 ms. */
  flushInterval?: number | undefined
  /** Times that a message is sent again before it is given up; by default as often as it takes. */
  maxRetries?: number | undefined
  /** How long one request may take; by default 10,000 ms. */
  httpRequestTimeout?: number | undefined
  /** Requests at the same time; by default 4. With 1 messages arrive in the order of the calls. */
  maxConcurrentRequests?: number | undefined
  /** Messages that may wait in memory; by default 10,000. See `track` for what happens when it is full. */
  maxQueueMessages?: number | undefined
  /** And their bytes as JSON; by default 32 MiB. */
  maxQueueBytes?: number | undefined
  /** Compresses requests; by default false, because it costs more processor time than all else. */
  gzip?: boolean | undefined
  /** A folder where messages wait on disk instead, and outlive the process. */
  spool?: SpoolSettings | undefined
  /** Takes calls and sends nothing. */
  disable?: boolean | undefined
  /** Sends requests in place of the built-in client: `fetch`, or an object with `makeRequest`. */
  httpClient?: HttpClient | undefined
}

export interface ResolvedSettings {
  url: URL
  writeKey: string
  flushAt: number
  flushIntervalMs: number
  maxAttempts: number
  timeoutMs: number
  concurrency: number
  maxQueueMessages: number
  maxQueueBytes: number
  gzip: boolean
  spool: SpoolSettings | undefined
  httpClient: HttpClient | undefined
}

/** Fills in what is not said. Throws with the name, the value and the remedy when a setting cannot be. */
export const resolveSettings = (settings: AnalyticsSettings): ResolvedSettings => {
  const { writeKey, host, path = '/v1/batch', maxRetries = Infinity, flushAt = settings.maxEventsInBatch } = settings
  if (typeof writeKey !== 'string' || writeKey === '') {
    throw new TypeError(`writeKey is ${JSON.stringify(writeKey)}. Give the write key of a source of your workspace.`)
  }
  return {
    url: addressOf(host, path),
    writeKey,
    flushAt: atLeast(1, 'flushAt', flushAt ?? 100),
    flushIntervalMs: atLeast(0, 'flushInterval', settings.flushInterval ?? 1000),
    maxAttempts: 1 + atLeast(0, 'maxRetries', maxRetries),
    timeoutMs: atLeast(1, 'httpRequestTimeout', settings.httpRequestTimeout ?? 10_000),
    concurrency: atLeast(1, 'maxConcurrentRequests', settings.maxConcurrentRequests ?? 4),
    maxQueueMessages: atLeast(1, 'maxQueueMessages', settings.maxQueueMessages ?? 10_000),
    maxQueueBytes: atLeast(1, 'maxQueueBytes', settings.maxQueueBytes ?? 32 * 1024 * 1024),
    gzip: settings.gzip ?? false,
    spool: settings.spool,
    httpClient: settings.httpClient,
  }
}

const addressOf = (host: unknown, path: string): URL => {
  const text = typeof host === 'string' ? host.replace(/\/+$/, '') : ''
  try {
    const url = new URL(`${text}/${path.replace(/^\/+/, '')}`)
    if (url.protocol === 'http:' || url.protocol === 'https:') return url
  } catch {
    // The error below says it.
  }
  throw new TypeError(
    `host is ${JSON.stringify(host)}. Give the address of Millrace, such as https://events.example.com.`,
  )
}

const atLeast = (least: number, name: string, value: number): number => {
  if (typeof value === 'number' && value >= least) return value
  throw new RangeError(`${name} is ${String(value)}. Give a number of at least ${least}.`)
}
