import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messagesOf, type ReceivedMessage } from './received-message.ts'
import { verifySignature } from './verify-signature.ts'

export interface WebhookReceiverOptions {
  /** 0: chosen by the system. */
  port?: number
  /** What to answer to the n-th request, from 0, with the messages it holds. Default 200. */
  status?: (request: number, messages: readonly ReceivedMessage[]) => number | Answer
  /** How long each answer waits. */
  delayMs?: number
  /** `messages` keeps each one in memory; `counts` only counts. */
  record: 'messages' | 'counts'
  /** Checks each request, and answers 401 to one that is not signed with it. */
  signingSecret?: string
  /** Called for each message before it is answered, e.g. to write it to a file. */
  onMessage?: (message: ReceivedMessage) => void
}

export interface Answer {
  status: number
  headers?: { readonly [name: string]: string }
  body?: string
}

export interface WebhookReceiver extends AsyncDisposable {
  readonly port: number
  /** Where to send: `http://127.0.0.1:<port>/`. */
  readonly url: string
  readonly counts: ReceiverCounts
  /** All messages of all requests, refused ones too, in order. Empty with `record: 'counts'`. */
  readonly messages: readonly ReceivedMessage[]
  /** Those that were answered with 2xx: what a sender may call delivered. */
  accepted(): readonly ReceivedMessage[]
  /** Resolves once at least so many messages were accepted. Rejects when `signal` aborts. */
  waitForAccepted(count: number, signal?: AbortSignal): Promise<void>
  /** Cuts open connections. */
  close(): Promise<void>
}

export interface ReceiverCounts {
  requests: number
  messages: number
  accepted: number
  invalidSignatures: number
}

/**
 * A real HTTP server on the loopback interface that a destination can be pointed at.
 * @example
 * await using receiver = await startWebhookReceiver({ record: 'messages', status: (n) => (n === 0 ? 503 : 200) })
 */
export async function startWebhookReceiver(options: WebhookReceiverOptions): Promise<WebhookReceiver> {
  const { port = 0, delayMs = 0, record, onMessage, status: decide = () => 200, signingSecret } = options
  const counts: ReceiverCounts = { requests: 0, messages: 0, accepted: 0, invalidSignatures: 0 }
  const messages: ReceivedMessage[] = []
  const waiting = new Set<{ count: number; resolve: () => void }>()

  const judge = (request: number, seen: readonly ReceivedMessage[]): Answer => {
    if (seen.some((message) => message.signed === 'invalid')) return { status: 401, body: 'bad signature' }
    const decided = decide(request, seen)
    return typeof decided === 'number' ? { status: decided } : decided
  }

  const take = (body: Buffer, headers: IncomingMessage['headers']): Answer => {
    const request = counts.requests++
    const signed = signingSecret === undefined ? undefined : verifySignature(signingSecret, headers, body)
    if (signed === false) counts.invalidSignatures++
    const seen = messagesOf(body.toString(), headers).map((message, index): ReceivedMessage => {
      const mark = signed === undefined ? {} : ({ signed: signed ? 'valid' : 'invalid' } as const)
      return { request, index, ...message, ...mark, status: 0 }
    })
    const answer = judge(request, seen)
    for (const message of seen) {
      message.status = answer.status
      if (record === 'messages') messages.push(message)
      onMessage?.(message)
    }
    counts.messages += seen.length
    if (isAccepted(answer)) counts.accepted += seen.length
    for (const each of waiting) {
      if (counts.accepted >= each.count) each.resolve()
    }
    return answer
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const answer = takeOrRefuse(take, Buffer.concat(chunks), request)
      if (delayMs === 0) reply(response, answer)
      else setTimeout(() => reply(response, answer), delayMs).unref()
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
  return {
    port: bound,
    url: `http://127.0.0.1:${bound}/`,
    counts,
    messages,
    accepted: () => messages.filter(isAccepted),
    async waitForAccepted(count, signal) {
      if (counts.accepted >= count) return
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const entry = { count, resolve }
      const stop = (): void => reject(new Error(`${counts.accepted} of ${count} messages were accepted.`))
      waiting.add(entry)
      signal?.addEventListener('abort', stop)
      if (signal?.aborted === true) stop()
      try {
        await promise
      } finally {
        waiting.delete(entry)
        signal?.removeEventListener('abort', stop)
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

const isAccepted = ({ status }: { status: number }): boolean => status >= 200 && status < 300

/** A body that is not JSON is the sender's fault and must be seen by the test: 400. */
function takeOrRefuse(
  take: (body: Buffer, headers: IncomingMessage['headers']) => Answer,
  body: Buffer,
  request: IncomingMessage,
): Answer {
  try {
    return take(body, request.headers)
  } catch (error) {
    return { status: 400, body: String(error) }
  }
}

function reply(response: ServerResponse, { status, headers, body }: Answer): void {
  if (!response.destroyed) response.writeHead(status, { ...headers }).end(body)
}
