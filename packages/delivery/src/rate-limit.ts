import type { HttpClient, HttpFailure, HttpRequest, HttpResponse } from '@millrace/component-kit'
import type { Clock } from './clock.ts'
import { sleepUnless } from './sleep-unless.ts'

/** So much of a rate may go at once; the rest is spread evenly. */
const BURST_MS = 100

/**
 * A token bucket that says how long to wait instead of refusing: whoever asks has a place in the line from then on, so those who
 * wait are served in the order in which they asked, and nobody looks twice.
 */
export class RateLimit {
  readonly #perSecond: () => number
  /** When the next one may go, if nothing was saved up. */
  #nextMs = 0

  /** @param perSecond Asked each time; 0 stands for no limit. */
  constructor(perSecond: () => number) {
    this.#perSecond = perSecond
  }

  /** Takes `count` tokens; returns how long to wait before using them, in milliseconds. */
  reserve(count: number, nowMs: number): number {
    const perSecond = this.#perSecond()
    if (perSecond === 0) return 0
    const atMs = Math.max(this.#nextMs, nowMs - BURST_MS)
    this.#nextMs = atMs + (count * 1000) / perSecond
    return Math.max(0, Math.ceil(atMs - nowMs))
  }

  /** How long one would wait who took a token now, in milliseconds; takes none. */
  waitMs(nowMs: number): number {
    return this.#perSecond() === 0 ? 0 : Math.max(0, Math.ceil(this.#nextMs - nowMs))
  }
}

/** A client whose requests keep to a limit. When `signal` aborts, those that wait fail without having been sent. */
export const limitRequests = (
  client: () => HttpClient,
  limit: RateLimit,
  clock: Clock,
  signal: AbortSignal,
): HttpClient => ({
  async request(request: HttpRequest): Promise<HttpResponse | HttpFailure> {
    const waitMs = limit.reserve(1, clock.now())
    if (waitMs > 0) {
      await sleepUnless(clock, signal, waitMs)
      if (signal.aborted) return notSent
    }
    return client().request(request)
  },
})

const notSent: HttpFailure = {
  failure: 'network',
  code: 'NOT_SENT',
  message: 'The destination was stopped while the request waited for its turn by the rate limit.',
}
