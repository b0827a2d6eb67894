import type { Json } from '@millrace/protocol'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerTrackApi, type TrackApiCredentials } from './track-api.ts'
import { CustomerIoWorkspace, type WorkspaceOptions } from './workspace.ts'

export interface FakeCustomerIoOptions extends TrackApiCredentials {
  /** Milliseconds since 1970; decides what is anonymous for how long. Default the time of the machine. */
  clock?: () => number
  /** Answers to the first requests, before `next` adds more. */
  failures?: readonly ScriptedAnswer[]
  /** So many requests are answered in each such span; more get 429. Customer.io asks for at most 100 a second. */
  rateLimit?: { readonly requests: number; readonly perMs: number }
  workspace?: WorkspaceOptions
  /** 0: chosen by the system. */
  port?: number
}

/** An answer that does not follow from the request. */
export interface ScriptedAnswer {
  /** 0 cuts the connection without an answer. */
  readonly status: number
  readonly headers?: { readonly [name: string]: string }
  readonly body?: string
  /** The request takes effect all the same: the sender cannot know. Default false. */
  readonly applied?: boolean
}

export interface CustomerIoRequest {
  readonly method: string
  readonly path: string
  readonly authorization?: string
  /** Parsed; absent when there is none or when it is not JSON. */
  readonly body?: Json
  /** What was answered; 0 when the connection was cut. */
  readonly status: number
}

type Queries = Pick<
  CustomerIoWorkspace,
  | 'person'
  | 'people'
  | 'objects'
  | 'eventsOf'
  | 'devicesOf'
  | 'relationshipsOf'
  | 'anonymousEvents'
  | 'anonymousRelationships'
  | 'anonymousIds'
  | 'metrics'
  | 'notices'
>

/** Asks the workspace as `CustomerIoWorkspace` describes it. */
export interface FakeCustomerIo extends Queries, AsyncDisposable {
  readonly port: number
  /** Takes the place of `https://track.customer.io`; no slash at the end. */
  readonly url: string
  /** All requests in the order in which they were complete, refused ones too. */
  readonly requests: readonly CustomerIoRequest[]
  /** The next request that has no script yet is answered so. */
  next(status: number, headers?: ScriptedAnswer['headers'], more?: Pick<ScriptedAnswer, 'body' | 'applied'>): void
  /** Resolves once the condition holds after a request. Rejects when `signal` aborts. */
  waitUntil(condition: (fake: FakeCustomerIo) => boolean, signal?: AbortSignal): Promise<void>
  /** Cuts open connections. */
  close(): Promise<void>
}

/**
 * A Customer.io workspace behind a real HTTP server on the loopback interface, built from the documented rules of the Track
 * API and nothing else: it has never been compared with the real one.
 * @example
 * await using customerIo = await startFakeCustomerIo({ siteId: 'site', apiKey: 'key' })
 * customerIo.next(503, { 'retry-after': '1' })
 * // … deliver to customerIo.url …
 * assert.deepEqual(customerIo.person('u-1')?.attributes, { plan: 'pro' })
 */
export async function startFakeCustomerIo(options: FakeCustomerIoOptions): Promise<FakeCustomerIo> {
  const { clock = Date.now, port = 0, rateLimit } = options
  const workspace = new CustomerIoWorkspace(options.workspace)
  const script = [...(options.failures ?? [])]
  const requests: CustomerIoRequest[] = []
  const waiting = new Set<() => void>()
  let span = { startedAtMs: Number.NEGATIVE_INFINITY, requests: 0 }

  const isOverLimit = (nowMs: number): boolean => {
    if (rateLimit === undefined) return false
    if (nowMs - span.startedAtMs >= rateLimit.perMs) span = { startedAtMs: nowMs, requests: 0 }
    return ++span.requests > rateLimit.requests
  }

  const take = (request: IncomingMessage, body: Buffer): ScriptedAnswer => {
    const { method = '', url: path = '' } = request
    const { authorization } = request.headers
    const nowMs = clock()
    const answered = (): ScriptedAnswer => {
      const answer = answerTrackApi(workspace, options, { method, path, authorization, body }, nowMs)
      return { status: answer.status, body: JSON.stringify(answer.body) }
    }
    const scripted = script.shift()
    if (scripted?.applied === true) answered()
    const overLimit = scripted === undefined && isOverLimit(nowMs)
    const answer =
      scripted ?? (overLimit ? { status: 429, body: '{"meta":{"error":"Too many requests"}}' } : answered())
    requests.push({
      method,
      path,
      ...(authorization === undefined ? {} : { authorization }),
      ...bodyOf(body),
      status: answer.status,
    })
    return answer
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      reply(response, take(request, Buffer.concat(chunks)))
      for (const check of waiting) check()
    })
    request.on('error', () => {})
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  // The server listens on TCP, so the address is never a path.
  const bound = (server.address() as AddressInfo).port

  const close = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  const fake: FakeCustomerIo = {
    port: bound,
    url: `http://127.0.0.1:${bound}`,
    requests,
    next: (status, headers, more) =>
      void script.push({ status, ...(headers === undefined ? {} : { headers }), ...more }),
    async waitUntil(condition, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const check = (): void => void (condition(fake) && resolve())
      const stop = (): void => reject(new Error(`The condition did not hold after ${requests.length} requests.`))
      waiting.add(check)
      signal?.addEventListener('abort', stop)
      check()
      if (signal?.aborted === true) stop()
      try {
        await promise
      } finally {
        waiting.delete(check)
        signal?.removeEventListener('abort', stop)
      }
    },
    close,
    [Symbol.asyncDispose]: close,
    person: (identifier) => workspace.person(identifier),
    people: () => workspace.people(),
    objects: () => workspace.objects(),
    eventsOf: (identifier) => workspace.eventsOf(identifier),
    devicesOf: (identifier) => workspace.devicesOf(identifier),
    relationshipsOf: (identifier) => workspace.relationshipsOf(identifier),
    anonymousEvents: (anonymousId) => workspace.anonymousEvents(anonymousId),
    anonymousRelationships: (anonymousId) => workspace.anonymousRelationships(anonymousId),
    anonymousIds: () => workspace.anonymousIds(),
    metrics: () => workspace.metrics(),
    notices: () => workspace.notices(),
  }
  return fake
}

function bodyOf(body: Buffer): { body?: Json } {
  if (body.length === 0) return {}
  try {
    return { body: JSON.parse(body.toString()) as Json }
  } catch {
    return {}
  }
}

function reply(response: ServerResponse, { status, headers, body }: ScriptedAnswer): void {
  if (status === 0) response.destroy()
  else if (!response.destroyed) response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
}
