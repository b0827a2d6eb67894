/** Runs `step` again and again while it says that there is more, then sleeps until it is woken. An error is tried again. */
export interface WorkerOptions {
  /** Returns true when there is more to do at once. */
  step: () => Promise<boolean>
  onError: (error: unknown) => void
}

export class Worker {
  readonly #options: WorkerOptions
  #running: Promise<void> | undefined
  #again = false
  #stopped = false
  #retry: NodeJS.Timeout | undefined
  #failures = 0
  /** Since when steps fail. */
  stuckSinceMs: number | undefined
  lastError: string | undefined

  constructor(options: WorkerOptions) {
    this.#options = options
  }

  wake(): void {
    if (this.#stopped || this.#retry !== undefined) return
    this.#again = true
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** Lets the step that is under way end; no other begins. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#retry)
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false
      try {
        if (await this.#options.step()) this.#again = true
        this.stuckSinceMs = undefined
        this.lastError = undefined
        this.#failures = 0
      } catch (error) {
        this.stuckSinceMs ??= Date.now()
        this.lastError = String(error)
        this.#options.onError(error)
        this.#retryLater()
        return
      }
      // Other work of this process, above all appending, gets its turn.
      await new Promise(setImmediate)
    }
  }

  #retryLater(): void {
    const pauseMs = Math.min(5_000, 100 * 2 ** this.#failures++)
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      this.wake()
    }, pauseMs)
  }
}
