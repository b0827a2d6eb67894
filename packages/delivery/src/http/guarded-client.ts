import type { HttpClient, HttpFailure, HttpResponse } from '@millrace/component-kit'
import { lookup as systemLookup } from 'node:dns'
import { Agent, buildConnector } from 'undici'
import { createAddressGuard, type AddressGuard } from './address-guard.ts'
import { Exchange } from './exchange.ts'
import { BlockedAddressError, guardedLookup, type LookupAll } from './guarded-lookup.ts'
import { failureOf } from './http-failure.ts'
import { headerProblem } from './request-headers.ts'
import { aborted, SignalWatch } from './signal-watch.ts'
import { targetOf, type Target } from './target.ts'

export interface HttpClientOptions {
  /** Ranges that may be reached although they are private: `network.allow` of the workspace. */
  allow: readonly string[]
  /** For one request in all: waiting for a connection, connecting, sending, headers and the whole body. */
  timeoutMs: number
  /** Open connections to one origin. One request at a time is sent on each. */
  connections: number
  /** How much of a response body is kept. A longer one is cut and its connection closed. Default 64 KiB. */
  maxResponseBytes?: number
  /** Sent unless the request brings its own, e.g. `Millrace/0.1.0`. */
  userAgent: string
  /** For tests: how names are resolved. */
  lookup?: LookupAll
}

export interface GuardedHttpClient extends HttpClient {
  /** Waits for requests under way (at most `timeoutMs`), then closes all connections. */
  close(): Promise<void>
}

/** Destinations use one URL or a few; the bound is for those that put an id in the path. */
const maxTargets = 256

/**
 * The only way out. Give each destination its own client: the connection pools are its own.
 *
 * Where a request may go is checked three times: the URL's literal address before anything is sent, each resolved
 * address before the socket connects to it, and the address of the connected socket. Redirects are not followed.
 * Throws when `allow` holds something that is no range; after that everything that fails is a value.
 *
 * @example
 * const http = createHttpClient({ allow: [], timeoutMs: 10_000, connections: 16, userAgent: 'Millrace/0.1.0' })
 * const answer = await http.request({ method: 'POST', url: 'https://example.com/in', body: '{}' })
 */
export function createHttpClient(options: HttpClientOptions): GuardedHttpClient {
  const { timeoutMs, connections, userAgent, maxResponseBytes = 64 * 1024, lookup = systemLookup } = options
  const guard = createAddressGuard(options.allow)
  const agent = new Agent({
    connect: guardedConnector(guard, lookup, timeoutMs),
    connections,
    pipelining: 1,
    allowH2: false,
    // One timer per request covers all phases; undici's own would be a second and third one.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const signals = new SignalWatch()
  const targets = new Map<string, Target | HttpFailure>()
  let closing: Promise<void> | undefined
  const timedOut: HttpFailure = {
    failure: 'timeout',
    code: 'REQUEST_TIMEOUT',
    message: `No complete answer within ${timeoutMs} ms.`,
  }

  const findTarget = (url: string): Target | HttpFailure => {
    const known = targets.get(url)
    if (known !== undefined) return known
    const target = targetOf(url, guard)
    if (targets.size >= maxTargets) targets.clear()
    targets.set(url, target)
    return target
  }

  return {
    async request({ method, url, headers, body, signal }): Promise<HttpResponse | HttpFailure> {
      const target = findTarget(url)
      if ('failure' in target) return target
      const problem = headerProblem(headers)
      if (problem !== undefined) return problem
      if (signal?.aborted === true) return aborted
      const exchange = new Exchange(maxResponseBytes)
      const timer = setTimeout(() => exchange.end(timedOut), timeoutMs)
      if (signal !== undefined) signals.add(signal, exchange)
      try {
        agent.dispatch(
          {
            origin: target.origin,
            path: target.path,
            method,
            headers: { 'user-agent': userAgent, ...headers },
            body: body ?? null,
          },
          exchange,
        )
        return await exchange.answer
      } catch (error) {
        return failureOf(error)
      } finally {
        clearTimeout(timer)
        if (signal !== undefined) signals.remove(signal, exchange)
      }
    },
    close: () => (closing ??= agent.close()),
  }
}

function guardedConnector(guard: AddressGuard, lookup: LookupAll, timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ lookup: guardedLookup(guard, lookup), timeout: timeoutMs, allowH2: false })
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error !== null) return callback(error, null)
      const address = socket.remoteAddress
      if (address !== undefined && !guard.blocks(address)) return callback(null, socket)
      socket.destroy()
      // Without an address the peer is gone already, which says nothing about where it was.
      callback(
        address === undefined
          ? new Error('closed right after connecting')
          : new BlockedAddressError(options.hostname, address),
        null,
      )
    })
}
