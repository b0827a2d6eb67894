import type { Exchange } from './exchange.ts'

/**
 * Ends exchanges when their signal aborts, with one listener per signal: a delivery run hands the same signal to
 * thousands of requests, and a listener for each would cost more than the request.
 */
export class SignalWatch {
  readonly #bySignal = new WeakMap<AbortSignal, Set<Exchange>>()

  /** The signal must not be aborted yet. Undo it with `remove`. */
  add(signal: AbortSignal, exchange: Exchange): void {
    let exchanges = this.#bySignal.get(signal)
    if (exchanges === undefined) {
      const watched = new Set<Exchange>()
      signal.addEventListener('abort', () => watched.forEach((each) => each.end(aborted)), { once: true })
      this.#bySignal.set(signal, watched)
      exchanges = watched
    }
    exchanges.add(exchange)
  }

  remove(signal: AbortSignal, exchange: Exchange): void {
    this.#bySignal.get(signal)?.delete(exchange)
  }
}

/** The caller does not want the answer any more; nothing is known about what the receiver did. */
export const aborted = { failure: 'network', code: 'ABORTED', message: 'The request was aborted.' } as const
