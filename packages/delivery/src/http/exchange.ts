import type { HttpFailure, HttpResponse } from '@millrace/component-kit'
import type { Dispatcher } from 'undici'
import { failureOf } from './http-failure.ts'

type Controller = Dispatcher.DispatchController
type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2]

/**
 * One request and its answer, as undici's dispatch handler: no stream, no abort controller, no listener per request
 * (`undici.request` makes all three and costs about twice the time).
 *
 * It settles exactly once: with the response, with what failed, or when `end` is called from outside (time is up, the
 * caller's signal). After `end` a request that still waits for a connection is never written.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<HttpResponse | HttpFailure>
  #settle!: (answer: HttpResponse | HttpFailure) => void
  #settled = false
  #controller: Controller | undefined
  #status = 0
  #headers: { readonly [name: string]: string } = {}
  #chunks: Buffer[] = []
  #bytes = 0
  readonly #maxResponseBytes: number

  constructor(maxResponseBytes: number) {
    this.#maxResponseBytes = maxResponseBytes
    this.answer = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  /** Gives up, with this failure as the answer. Does nothing once there is an answer. */
  end(failure: HttpFailure): void {
    if (this.#settled) return
    this.#finish(failure)
    this.#controller?.abort(new Error(failure.message))
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller
    if (this.#settled) controller.abort(new Error('given up before it was sent'))
  }

  onResponseStart(_controller: Controller, status: number, headers: Headers): void {
    this.#status = status
    this.#headers = lastValues(headers)
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#settled) return
    const room = this.#maxResponseBytes - this.#bytes
    if (chunk.length <= room) {
      this.#bytes += chunk.length
      this.#chunks.push(chunk)
      return
    }
    if (room > 0) this.#chunks.push(chunk.subarray(0, room))
    // The rest may be endless, so the connection is given up too.
    this.#respond()
    controller.abort(new Error('response body cut off'))
  }

  onResponseEnd(): void {
    this.#respond()
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.#finish(failureOf(error))
  }

  #respond(): void {
    const [first] = this.#chunks
    const text =
      first === undefined ? '' : this.#chunks.length === 1 ? first.toString() : Buffer.concat(this.#chunks).toString()
    this.#finish({ status: this.#status, headers: this.#headers, text })
  }

  #finish(answer: HttpResponse | HttpFailure): void {
    if (this.#settled) return
    this.#settled = true
    this.#chunks = []
    this.#settle(answer)
  }
}

/** undici gives an array for a name that came more than once. The object is fresh for each response. */
function lastValues(headers: Headers): { readonly [name: string]: string } {
  const values: { [name: string]: string } = {}
  for (const name in headers) {
    const value = headers[name]
    if (typeof value === 'string') values[name] = value
    else if (value !== undefined) values[name] = value.at(-1) ?? ''
  }
  return values
}
