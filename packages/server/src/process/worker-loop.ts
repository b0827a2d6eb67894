/**
 * Runs `step` again and again while it says that there is more, then sleeps until it is woken. After a step it gathers for
 * a moment, so that a trickle of wakes does not cost a step each. A step that fails is tried again after a growing pause.
 */
export interface WorkerOptions {
  /** Returns true when there is more to do at once. */
  step: () => Promise<boolean>
  onError: (error: unknown) => void
  /** The least time between the end of the work and the next step for a new wake. Default 0. */
  gatherMs?: number
}

export class Worker {
  readonly #options: WorkerOptions
  #running: Promise<void> | undefined
  #isWanted = false
  #isStopped = false
  /** Set while the next run waits: to gather, or after a failure. */
  #timer: NodeJS.Timeout | undefined
  #failures = 0
  /** Since when steps fail, milliseconds since 1970. */
  stuckSinceMs: number | undefined
  lastError: string | undefined

  constructor(options: WorkerOptions) {
    this.#options = options
  }

  wake(): void {
    this.#isWanted = true
    if (this.#isStopped || this.#timer !== undefined || this.#running !== undefined) return
    this.#running = this.#run()
  }

  /** Lets the step that is under way end; no other begins. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#running
  }

  async #run(): Promise<void> {
    let pauseMs = this.#options.gatherMs ?? 0
    while (this.#isWanted && !this.#isStopped) {
      this.#isWanted = false
      try {
        const isMore = await this.#options.step()
        if (isMore) this.#isWanted = true
        this.stuckSinceMs = undefined
        this.lastError = undefined
        this.#failures = 0
        // Other work of this process, above all appending, gets its turn.
        await new Promise(setImmediate)
        if (pauseMs > 0 && !isMore) break
      } catch (error) {
        this.stuckSinceMs ??= Date.now()
        this.lastError = String(error)
        this.#options.onError(error)
        this.#isWanted = true
        pauseMs = Math.min(5_000, 100 * 2 ** this.#failures++)
        break
      }
    }
    this.#running = undefined
    if (this.#isStopped || (pauseMs === 0 && !this.#isWanted)) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#isWanted) this.wake()
    }, pauseMs)
  }
}
