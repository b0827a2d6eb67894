const SLICES = 10

/** Requests and failures of the last moments, in ten slices of the window: memory and time do not grow with the requests. */
export class FailureWindow {
  readonly #requests = new Uint32Array(SLICES)
  readonly #failures = new Uint32Array(SLICES)
  /** The number of the newest slice, counted since 1970. */
  #newest = 0
  #sliceMs = 0

  /** Counts a request, then gives the requests and failures of the window. */
  record(failed: boolean, nowMs: number, windowMs: number): { requests: number; failures: number } {
    this.#turn(nowMs, windowMs)
    const at = this.#newest % SLICES
    this.#requests[at] = (this.#requests[at] as number) + 1
    if (failed) this.#failures[at] = (this.#failures[at] as number) + 1
    let [requests, failures] = [0, 0]
    for (let slice = 0; slice < SLICES; slice++) {
      requests += this.#requests[slice] as number
      failures += this.#failures[slice] as number
    }
    return { requests, failures }
  }

  clear(): void {
    this.#requests.fill(0)
    this.#failures.fill(0)
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
      this.#requests[at] = 0
      this.#failures[at] = 0
    }
  }
}
