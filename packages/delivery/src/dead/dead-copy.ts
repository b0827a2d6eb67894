import type { DeadLetterCopy, JsonObject, KeptText, ReceivedResponse, SentRequest } from '@millrace/protocol'
import { maskerOf, redactHeaders } from '../preview/redact-request.ts'
import type { Exchange } from './exchange-recorder.ts'
import { keepText } from './keep-text.ts'

/** Bounds of what is kept of one dead message, besides the message itself. */
export const MAX_REQUEST_BYTES = 64 * 1024
export const MAX_RESPONSE_BYTES = 16 * 1024
/** The messages of a batch share the room of a request, or a batch that is refused would be kept once for each; this much each has. */
const LEAST_REQUEST_BYTES = 2 * 1024
const MAX_HEADER_BYTES = 8 * 1024

/** Headers of an answer that help to understand it. */
const helpfulHeaders =
  /^(?:content-type|content-length|date|server|via|location|retry-after|allow|www-authenticate|(?:x-)?(?:request|correlation|trace|amzn-trace|amzn-request)-?id|cf-ray|(?:x-)?rate-?limit.*|x-error.*|x-amzn-errortype)$/

/**
 * Makes the copies of dead messages. A request that several messages shared is masked once; nothing secret is kept.
 */
export class DeadCopies {
  readonly #hide: (text: string) => string
  readonly #masked = new WeakMap<Exchange, { request: Omit<SentRequest, 'body'>; body: string | undefined }>()

  /** @param secrets Texts that must not be kept, wherever they stand. */
  constructor(secrets: readonly string[]) {
    this.#hide = maskerOf(secrets)
  }

  /**
   * @param message As destinations see it.
   * @param exchange The last request that held it; undefined when it was not sent.
   * @param names What the message is known by in the request: where that is cut, this part is kept.
   */
  make(message: JsonObject, exchange: Exchange | undefined, names: readonly string[]): DeadLetterCopy {
    if (exchange === undefined) return { message }
    const { request, body } = this.#maskedOf(exchange)
    const room = Math.max(LEAST_REQUEST_BYTES, Math.floor(MAX_REQUEST_BYTES / exchange.batchOf))
    const response = this.#responseOf(exchange)
    return {
      message,
      request: { ...request, ...(body !== undefined && { body: keepText(body, room, names) }) },
      ...(response && { response }),
    }
  }

  #maskedOf(exchange: Exchange): { request: Omit<SentRequest, 'body'>; body: string | undefined } {
    let masked = this.#masked.get(exchange)
    if (masked === undefined) {
      const { method, url, headers, body } = exchange.request
      masked = {
        request: {
          method,
          url: keepText(this.#hide(url), MAX_HEADER_BYTES).text,
          headers: bounded(redactHeaders(headers ?? {}, this.#hide)),
          batchOf: exchange.batchOf,
        },
        body:
          body === undefined ? undefined : this.#hide(typeof body === 'string' ? body : Buffer.from(body).toString()),
      }
      this.#masked.set(exchange, masked)
    }
    return masked
  }

  #responseOf({ answer, batchOf }: Exchange): ReceivedResponse | undefined {
    if (answer === undefined) return undefined
    if ('failure' in answer) {
      const { failure, code, message } = answer
      return { failure, code, message: keepText(this.#hide(message), LEAST_REQUEST_BYTES).text }
    }
    const helpful = Object.entries(answer.headers).filter(([name]) => helpfulHeaders.test(name))
    const room = Math.max(LEAST_REQUEST_BYTES, Math.floor(MAX_RESPONSE_BYTES / batchOf))
    const body: KeptText = keepText(this.#hide(answer.text), room)
    const headers = bounded(Object.fromEntries(helpful.map(([name, value]) => [name, this.#hide(value)])))
    return { status: answer.status, headers, body }
  }
}

/** Headers up to a size in all; what comes later is left out. */
const bounded = (headers: { readonly [name: string]: string }): { [name: string]: string } => {
  let bytes = 0
  return Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => (bytes += name.length + value.length) <= MAX_HEADER_BYTES),
  )
}

export const encodeCopy = (copy: DeadLetterCopy): Buffer => Buffer.from(JSON.stringify(copy))
export const decodeCopy = (bytes: Uint8Array): DeadLetterCopy =>
  JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as DeadLetterCopy
