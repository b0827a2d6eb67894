/** A rate with a burst of one period's worth. Time is given, in ms of any clock that does not go back. */
export class TokenBucket {
  readonly #perMs: number
  readonly #capacity: number
  #tokens: number
  #atMs = Number.NEGATIVE_INFINITY

  constructor(tokens: number, periodMs: number) {
    this.#perMs = tokens / periodMs
    this.#capacity = tokens
    this.#tokens = tokens
  }

  /** Takes `count` if there is one at least: a batch larger than the burst passes and is paid off afterwards. */
  take(nowMs: number, count = 1): boolean {
    if (nowMs > this.#atMs) {
      this.#tokens = Math.min(this.#capacity, this.#tokens + (nowMs - this.#atMs) * this.#perMs)
      this.#atMs = nowMs
    }
    if (this.#tokens < 1) return false
    this.#tokens -= count
    return true
  }

  /** How long until `take` succeeds, after it did not. */
  get waitMs(): number {
    return Math.max(0, (1 - this.#tokens) / this.#perMs)
  }
}
