import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AcceptResult, AcceptWaiter, Acceptor } from './acceptor.ts'
import { bodyOf, internalError, okBody, unavailable } from './answer.ts'
import type { Answer } from './answer.ts'
import type { BodyTimer, Timed } from './body-timer.ts'
import { errorHeaders, okHeaders } from './cors.ts'
import { bodyTooLarge } from './decode-body.ts'
import type { IngestRequest } from './ingest-request.ts'
import type { Limits } from './limits.ts'
import type { RequestMetrics } from './metrics.ts'
import type { Route } from './routes.ts'
import type { SourceTable } from './source-table.ts'

/**
 * One request and its answer.
 *
 *   reading ─ body complete ─▶ accepted: waiting for its block ─▶ 200, or 503 when the block was not stored
 *      │                    └▶ refused ─▶ answer
 *      ├─ time is over ─▶ 408, connection closed
 *      ├─ client went away ─▶ nothing
 *      └─ too large ─▶ 413 at once, then *discarding*: the rest is read and forgotten, because a client that is still
 *                      sending when the connection closes never sees the answer. Bounded by time and bytes.
 */
export interface ExchangeHost {
  readonly limits: Limits
  readonly acceptor: Acceptor
  readonly timer: BodyTimer
  readonly metrics: RequestMetrics
  readonly sources: SourceTable
  /** Bytes of bodies that are being read, of all exchanges. */
  readingBytes: number
  now(): number
  isOverloaded(): boolean
  onError(error: unknown): void
  /** The exchange has answered, or its client is gone. */
  finished(): void
}

/** A body is read this much over its limit, in multiples of it, before the connection is cut. */
const discardedBodies = 16
const keptBytes = 32 * 1024

export class Exchange implements AcceptWaiter, Timed {
  readonly startedAtMs = performance.now()
  readonly #host: ExchangeHost
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #facts: IngestRequest
  #chunks: Buffer[] = []
  #bytes = 0
  #state: 'reading' | 'discarding' | 'waiting' | 'over' = 'reading'
  #discardHash: Hash | undefined
  #firstSource: string | undefined
  #firstCount = 0
  #otherCounts: { sourceId: string; messages: number }[] | undefined

  constructor(host: ExchangeHost, request: IncomingMessage, response: ServerResponse, route: Route, query: string) {
    this.#host = host
    this.#request = request
    this.#response = response
    this.#facts = { route, headers: request.headers, query, receivedAtMs: 0, socket: request.socket }
  }

  start(): void {
    const request = this.#request
    request.on('data', (chunk: Buffer) => this.#read(chunk))
    request.on('end', () => this.#end())
    // Comes when the client goes away before its body is complete, and then without `end`.
    request.on('error', () => this.#abandon())
    this.#host.timer.add(this)
    const length = request.headers['content-length']
    if (length !== undefined && Number(length) > this.#host.limits.maxBodyBytes) this.#tooLarge()
  }

  accepted(sourceId: string, messages: number): void {
    if (this.#firstSource === undefined) {
      this.#firstSource = sourceId
      this.#firstCount = messages
    } else {
      this.#otherCounts ??= []
      this.#otherCounts.push({ sourceId, messages })
    }
  }

  settled(error: unknown): void {
    if (error !== undefined) {
      this.#host.onError(error)
      this.#answer(
        unavailable(
          'The log could not be written, so nothing of the request was accepted. Send it again after Retry-After.',
        ),
      )
      return
    }
    const { metrics } = this.#host
    if (this.#firstSource !== undefined) metrics.accepted(this.#firstSource, this.#firstCount)
    for (const { sourceId, messages } of this.#otherCounts ?? []) metrics.accepted(sourceId, messages)
    this.#answerOk()
  }

  timeOut(): void {
    if (this.#state === 'discarding') {
      this.#endDiscarding(false)
      this.#request.socket.destroy()
      return
    }
    if (this.#state !== 'reading') return
    this.#forgetBody()
    const seconds = this.#host.limits.bodyTimeoutMs / 1000
    this.#answer(
      { status: 408, code: 'timeout', message: `The body did not arrive within ${seconds} seconds. Send it again.` },
      true,
    )
  }

  #read(chunk: Buffer): void {
    const { length } = chunk
    this.#host.metrics.bodyBytes += length
    this.#bytes += length
    if (this.#state === 'reading') {
      this.#chunks.push(chunk)
      this.#host.readingBytes += length
      if (this.#bytes > this.#host.limits.maxBodyBytes) this.#tooLarge()
      else if (this.#host.isOverloaded()) this.#refuseOverload()
    } else if (this.#state === 'discarding') {
      this.#discard(chunk)
    }
  }

  #end(): void {
    if (this.#state === 'discarding') this.#endDiscarding(true)
    if (this.#state !== 'reading') return
    const body = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks, this.#bytes)
    this.#forgetBody()
    this.#state = 'waiting'
    this.#facts.receivedAtMs = this.#host.now()
    let result: AcceptResult
    try {
      result = this.#host.acceptor.accept(this.#host.sources, this.#facts, body, this)
    } catch (error) {
      this.#host.onError(error)
      result = internalError
    }
    if (result === 'done') this.#answerOk()
    else if (result !== 'waiting') this.#answer(result)
  }

  #abandon(): void {
    if (this.#state === 'discarding') this.#endDiscarding(false)
    if (this.#state !== 'reading') return
    this.#forgetBody()
    this.#state = 'over'
    this.#host.finished()
  }

  #refuseOverload(): void {
    this.#forgetBody()
    this.#answer(unavailable('Too much is waiting to be stored. Send the request again after Retry-After.'))
  }

  #tooLarge(): void {
    const { maxBodyBytes } = this.#host.limits
    const { code, reason } = bodyTooLarge(maxBodyBytes)
    const start = this.#chunks
    this.#forgetBody()
    this.#answer({ status: 413, code, message: reason })
    this.#state = 'discarding'
    this.#facts.receivedAtMs = this.#host.now()
    this.#host.timer.add(this)
    this.#discardHash = createHash('sha256')
    for (const chunk of start) this.#discard(chunk)
  }

  #discard(chunk: Buffer): void {
    this.#discardHash?.update(chunk)
    const kept = this.#chunks[0]
    if (kept === undefined) this.#chunks = [Buffer.from(chunk.subarray(0, keptBytes))]
    else if (kept.length < keptBytes) this.#chunks = [Buffer.concat([kept, chunk]).subarray(0, keptBytes)]
    if (this.#bytes <= this.#host.limits.maxBodyBytes * discardedBodies) return
    this.#endDiscarding(false)
    this.#request.socket.destroy()
  }

  /** Keeps the refusal, now that as much as will ever be seen of the body was seen. */
  #endDiscarding(isComplete: boolean): void {
    this.#state = 'over'
    this.#host.timer.delete(this)
    const { acceptor, sources, limits } = this.#host
    const bytes = this.#chunks[0] ?? Buffer.alloc(0)
    const bodyHash = isComplete ? (this.#discardHash?.digest('hex') ?? null) : null
    const announced = Number(this.#request.headers['content-length'])
    const totalBytes = isComplete || Number.isNaN(announced) ? this.#bytes : announced
    this.#chunks = []
    acceptor.refuse(sources, this.#facts, bodyTooLarge(limits.maxBodyBytes), { bytes, bodyHash, totalBytes }, this)
  }

  #forgetBody(): void {
    this.#host.timer.delete(this)
    for (const chunk of this.#chunks) this.#host.readingBytes -= chunk.length
    this.#chunks = []
  }

  #answerOk(): void {
    this.#finish(200)
    const response = this.#response
    if (response.destroyed) return
    response.writeHead(200, okHeaders(this.#facts.headers))
    response.end(okBody)
  }

  #answer(answer: Answer, closes = false): void {
    this.#finish(answer.status)
    writeAnswer(this.#request, this.#response, answer, closes)
  }

  #finish(status: number): void {
    this.#state = 'over'
    this.#host.metrics.answered(status, performance.now() - this.startedAtMs)
    this.#host.finished()
  }
}

export const writeAnswer = (
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  closes = false,
): void => {
  if (response.destroyed) return
  const body = bodyOf(answer)
  const headers = errorHeaders(request.headers, Buffer.byteLength(body))
  if (answer.retryAfterSeconds !== undefined) headers.push('Retry-After', String(answer.retryAfterSeconds))
  if (answer.allow !== undefined) headers.push('Allow', answer.allow)
  // A wrong key or a missing file may be right a moment later.
  if (request.method !== 'POST') headers.push('Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff')
  if (closes) headers.push('Connection', 'close')
  response.writeHead(answer.status, headers)
  response.end(body)
}
