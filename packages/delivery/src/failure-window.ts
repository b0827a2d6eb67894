const SLICES = 10

/** Requests and failures of the last moments, in ten slices of the window: memory and time do not grow with the requests. */
export class FailureWindow {
  readonly #requests = new Uint32Array(SLICES)
  readonly #failures = new Uint32Array(SLICES)
  /** In the window that ended with the last request. */
  requests = 0
  failures = 0
  /** The number of the newest slice, counted since 1970. */
  #newest = 0
  #sliceMs = 0

  record(failed: boolean, nowMs: number, windowMs: number): void {
    this.#turn(nowMs, windowMs)
    const at = this.#newest % SLICES
    this.#requests[at] = (this.#requests[at] as number) + 1
    this.requests++
    if (!failed) return
    this.#failures[at] = (this.#failures[at] as number) + 1
    this.failures++
  }

  clear(): void {
    this.#requests.fill(0)
    this.#failures.fill(0)
    this.requests = 0
    this.failures = 0
  }

  #turn(nowMs: number, windowMs: number): void {
    const sliceMs = windowMs / SLICES
    const slice = Math.floor(nowMs / sliceMs)
    if (sliceMs !== this.#sliceMs || slice - this.#newest >= SLICES) {
      this.clear()
      this.#sliceMs = sliceMs
      this.#newest = slice
    }
    // A clock that was set back stays in its slice.
    for (; this.#newest < slice;) {
      const at = ++this.#newest % SLICES
      this.requests -= this.#requests[at] as number
      this.failures -= this.#failures[at] as number
      this.#requests[at] = 0
      this.#failures[at] = 0
    }
  }
}
