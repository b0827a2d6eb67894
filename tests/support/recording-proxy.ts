import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { JsonObject } from '@millrace/protocol'
import { bodyOf } from './json-receiver.ts'

export interface RecordedRequest {
  method: string
  path: string
  headers: IncomingHttpHeaders
  /** Parsed, and decompressed when it was compressed. Empty when there was none, or none that is an object of JSON. */
  body: JsonObject
  /** Of the body as it came over the wire. */
  bodyBytes: number
  /** What the client was answered. 0: nothing, the connection was broken. */
  status: number
  /** Who gave that answer. `nobody` goes with status 0. */
  answeredBy: 'server' | 'proxy' | 'nobody'
}

/** An answer that the proxy gives in place of the server, which never sees the request. */
export interface Refusal {
  status: number
  headers?: OutgoingHttpHeaders
  body?: string
}

export interface RecordingProxy extends AsyncDisposable {
  /** The same as long as the proxy lives, whatever becomes of the server. */
  readonly url: string
  /** In the order in which they ended. Preflights are passed on and not among them. */
  readonly requests: readonly RecordedRequest[]
  /** Headers of the preflights, in order. */
  readonly preflights: readonly IncomingHttpHeaders[]
  /** The next requests get these answers, one each, in order; those that match only, when there is a condition. */
  refuse: (refusals: readonly Refusal[], matches?: (path: string) => boolean) => void
  /** How many of those answers were not given yet. */
  readonly refusalsLeft: number
  /** Forgets what was recorded and what was still to be refused. */
  forget: () => void
  /** From now on requests go to this server. */
  passTo: (target: string) => void
  /** As when the host is dead: open connections are reset, new ones are reset once their request was read. */
  cutOff: () => void
  /**
   * From now on answers to POST are kept from the client, though the server gave them and they are recorded, until the
   * returned function passes them on or breaks their connections.
   */
  holdAnswers: () => (what: 'pass' | 'break') => void
}

/** Stands between a client and the server, changes nothing of what it passes on, and keeps what the client really sent. */
export const startRecordingProxy = async (firstTarget: string): Promise<RecordingProxy> => {
  const requests: RecordedRequest[] = []
  const preflights: IncomingHttpHeaders[] = []
  let held = Promise.resolve<'pass' | 'break'>('pass')
  let target: string | undefined = firstTarget
  let refusals: { refusal: Refusal; matches: (path: string) => boolean }[] = []

  const takeRefusal = (path: string): Refusal | undefined => {
    const at = refusals.findIndex(({ matches }) => matches(path))
    return at === -1 ? undefined : refusals.splice(at, 1)[0]?.refusal
  }

  const exchange = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request
    const body = await bodyOf(request)
    if (method === 'OPTIONS') preflights.push(headers)
    const record = (status: number, answeredBy: RecordedRequest['answeredBy']): void => {
      if (method === 'OPTIONS') return
      const { length: bodyBytes } = body
      requests.push({ method, path: url, headers, body: parsed(body, headers), bodyBytes, status, answeredBy })
    }
    const refusal = method === 'OPTIONS' ? undefined : takeRefusal(url)
    if (refusal !== undefined) {
      response.writeHead(refusal.status, { ...readableByPages(headers), ...refusal.headers })
      record(refusal.status, 'proxy')
      response.end(refusal.body ?? '{"code":"refused","message":"Refused by the proxy of the test."}')
      return
    }
    try {
      if (target === undefined) throw new Error('cut off')
      const onward = httpRequest(`${target}${url}`, { method, headers })
      onward.end(body)
      const [answer] = (await once(onward, 'response')) as [IncomingMessage]
      const answerBody = await bodyOf(answer)
      const { statusCode = 502 } = answer
      // Recorded first: who sees the answer, sees the record.
      record(statusCode, 'server')
      if (method === 'POST' && (await held) === 'break') response.socket?.resetAndDestroy()
      else response.writeHead(statusCode, answer.headers).end(answerBody)
    } catch {
      record(0, 'nobody')
      response.socket?.resetAndDestroy()
    }
  }

  const server = createServer((request, response) => {
    // A client that goes away before its request is whole sent nothing.
    exchange(request, response).catch(() => response.socket?.resetAndDestroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    preflights,
    refuse: (added, matches = () => true) => refusals.push(...added.map((refusal) => ({ refusal, matches }))),
    get refusalsLeft() {
      return refusals.length
    },
    forget: () => {
      requests.length = 0
      preflights.length = 0
      refusals = []
    },
    passTo: (next) => {
      target = next
    },
    cutOff: () => {
      target = undefined
      server.closeIdleConnections()
    },
    holdAnswers: () => {
      const { promise, resolve } = Promise.withResolvers<'pass' | 'break'>()
      held = promise
      return (what) => {
        held = Promise.resolve('pass')
        resolve(what)
      }
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const parsed = (body: Buffer, headers: IncomingHttpHeaders): JsonObject => {
  try {
    const text = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
    const value = JSON.parse(text.toString()) as unknown
    return typeof value === 'object' && value !== null ? (value as JsonObject) : {}
  } catch {
    return {}
  }
}

/** Without these a page sees a refusal as a broken connection. */
const readableByPages = ({ origin }: IncomingHttpHeaders): OutgoingHttpHeaders => ({
  'content-type': 'application/json',
  ...(origin !== undefined && {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'Retry-After',
  }),
})
