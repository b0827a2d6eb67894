import type { Clock } from './clock.ts'
import { CommitTimer } from './commit-timer.ts'
import { sleepUnless } from './sleep-unless.ts'

const LONGEST_DELAY_MS = 5_000

export interface CommitLoopOptions<W> {
  clock: Clock
  /** Aborts when sending ends: a commit that fails is then not tried again. */
  signal: AbortSignal
  /** Takes what is to be stored out of memory; undefined when there is nothing. */
  take: () => W | undefined
  store: (work: W) => Promise<void>
  /** Called when it is stored. */
  stored: (work: W) => void
  failed: (error: unknown) => void
}

/**
 * Commits one after the other. One that fails (disk full) is tried again: what was taken out of memory is kept until it is
 * stored. If it is given up at the end, nothing that comes after it may be stored either.
 */
export class CommitLoop<W> {
  readonly #options: CommitLoopOptions<W>
  readonly #timer: CommitTimer
  #last: Promise<unknown> = Promise.resolve()
  #isQueued = false
  /** What was taken out of memory could not be stored before the end. */
  gaveUp = false

  constructor(options: CommitLoopOptions<W>) {
    this.#options = options
    this.#timer = new CommitTimer(options.clock, () => void this.commit())
  }

  /** Commits after a moment, with what else comes until then. */
  schedule(when: 'now' | 'soon' | 'later'): void {
    this.#timer[when]()
  }

  /** Resolves when all that is there now is stored, or was given up. */
  async commit(): Promise<void> {
    if (!this.#isQueued) {
      this.#isQueued = true
      this.#last = this.#last.then(() => this.#commitNow())
    }
    await this.#last
  }

  /** Runs something between two commits, unless one was given up. */
  between<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#last.then(() => {
      if (this.gaveUp) throw new Error('the progress of this destination could not be stored')
      return run()
    })
    this.#last = result.catch(() => undefined)
    return result
  }

  /** Runs something that reads what is stored and then changes what is in memory, and stores that before anything else. */
  async store<T>(prepare: () => Promise<T>): Promise<T> {
    const prepared = await this.between(async () => {
      await this.#commitNow()
      const result = await prepare()
      await this.#commitNow()
      return result
    })
    if (this.gaveUp) throw new Error('it could not be stored')
    return prepared
  }

  async stop(): Promise<void> {
    this.#timer.stop()
    await this.commit()
  }

  async #commitNow(): Promise<void> {
    const { clock, signal, take, store, stored, failed } = this.#options
    this.#isQueued = false
    if (this.gaveUp) return
    const work = take()
    if (work === undefined) return
    for (let attempt = 1; ; attempt++) {
      try {
        await store(work)
        break
      } catch (error) {
        failed(error)
        if (signal.aborted) {
          this.gaveUp = true
          return
        }
        await sleepUnless(clock, signal, Math.min(LONGEST_DELAY_MS, 100 * 2 ** attempt))
      }
    }
    stored(work)
  }
}
