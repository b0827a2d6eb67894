import type { HttpClient, HttpFailure, HttpRequest, HttpResponse } from '@millrace/component-kit'

/** A request and, once it is there, its answer. */
export interface Exchange {
  readonly request: HttpRequest
  answer: HttpResponse | HttpFailure | undefined
  /** How many payloads it holds. */
  readonly batchOf: number
}

/**
 * Stands around the HTTP client for one call of `deliver` and holds on to what was sent, so that a failure can be shown with its
 * request and answer. As long as nothing fails this costs one small object a request; nothing is copied.
 *
 * Of each payload only the last request that held it is of interest, so one that holds all of them releases the earlier ones. A
 * destination that halves its batches thus keeps hold of about one request for each halving.
 */
export class ExchangeRecorder implements HttpClient {
  readonly #http: HttpClient
  readonly #payloads: number
  #exchanges: Exchange[] = []

  /** @param payloads How many there are in this call of `deliver`. */
  constructor(http: HttpClient, payloads: number) {
    this.#http = http
    this.#payloads = payloads
  }

  request(request: HttpRequest): Promise<HttpResponse | HttpFailure> {
    const { items } = request
    const exchange: Exchange = { request, answer: undefined, batchOf: items?.length ?? this.#payloads }
    if (items === undefined) this.#exchanges = [exchange]
    else this.#exchanges.push(exchange)
    return this.#http.request(request).then((answer) => (exchange.answer = answer))
  }

  /** The last request that held the payload of this index; undefined when it was not sent. */
  of(payload: number): Exchange | undefined {
    return this.#exchanges.findLast(({ request: { items } }) => items === undefined || items.includes(payload))
  }
}
