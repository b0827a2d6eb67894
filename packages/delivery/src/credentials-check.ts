import type { Outcome } from '@millrace/component-kit'
import type { Clock } from './clock.ts'
import type { Failure } from './delivery.ts'
import type { CheckVerdict } from './retry-policy.ts'
import { sleepUnless } from './sleep-unless.ts'

export interface CredentialsCheckOptions {
  clock: Clock
  signal: AbortSignal
  /** The destination's own check; undefined when it has none. */
  check: (() => Promise<Outcome>) | undefined
  /** Called when it pauses, asks again, or no longer pauses. */
  changed: () => void
  /** How it stood when another one was stopped in whose place it is. */
  carried?: CarriedPause | undefined
}

/** A pause for refused credentials, as its successor takes it over. */
export interface CarriedPause {
  sinceMs: number
  failure: Failure
  nextCheckMs: number
}

/** Pauses between checks of a paused destination: the first one, and the longest. */
const FIRST_PAUSE_MS = 10_000
const LONGEST_PAUSE_MS = 600_000

/**
 * When a receiver does not take the credentials, the destination's `check` decides who is to blame. If it is not taken either,
 * the destination pauses, and the check is asked again with growing pauses until it passes.
 */
export class CredentialsCheck {
  readonly #options: CredentialsCheckOptions
  /** While the destination is paused for its credentials. */
  paused: CarriedPause | undefined
  #running: Promise<CheckVerdict> | undefined
  #next: Promise<CheckVerdict> | undefined
  #wake = new AbortController()
  #failure: Failure = { code: 'unauthorized', message: '' }

  constructor(options: CredentialsCheckOptions) {
    this.#options = options
    const { carried } = options
    if (carried === undefined) return
    this.#failure = carried.failure
    this.paused = carried
    void this.#untilPassed()
  }

  /** Judges a delivery that was just refused. */
  async judge(): Promise<CheckVerdict> {
    if (this.paused !== undefined) return 'unauthorized'
    const verdict = await this.#ask()
    if (verdict === 'unauthorized') this.#pause()
    return verdict
  }

  /** Asks again now, if paused: something was changed that may have repaired it. */
  recheck(): void {
    this.#wake.abort()
  }

  /** The answer of a check that began after this call; those who ask in the meantime share one. */
  #ask(): Promise<CheckVerdict> {
    if (this.#running === undefined) return this.#run()
    this.#next ??= this.#running.then(() => {
      this.#next = undefined
      return this.#run()
    })
    return this.#next
  }

  #run(): Promise<CheckVerdict> {
    this.#running = this.#check().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #check(): Promise<CheckVerdict> {
    const { check } = this.#options
    if (check === undefined) return 'unknown'
    try {
      const outcome = await check()
      if (outcome.status === 'delivered') return 'passes'
      this.#failure = outcome
      return outcome.status === 'unauthorized' ? 'unauthorized' : 'unknown'
    } catch (error) {
      this.#failure = { code: 'exception', message: `the destination's check failed: ${String(error)}` }
      return 'unknown'
    }
  }

  #pause(): void {
    if (this.paused !== undefined) return
    const { clock, changed } = this.#options
    const nowMs = clock.now()
    this.paused = { sinceMs: nowMs, failure: this.#failure, nextCheckMs: nowMs + FIRST_PAUSE_MS }
    changed()
    void this.#untilPassed()
  }

  async #untilPassed(): Promise<void> {
    const { clock, signal, changed } = this.#options
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
      const { sinceMs } = this.paused ?? { sinceMs: clock.now() }
      this.paused = { sinceMs, failure: this.#failure, nextCheckMs: clock.now() + pauseMs }
      this.#wake = new AbortController()
      await sleepUnless(clock, AbortSignal.any([signal, this.#wake.signal]), pauseMs)
      if (signal.aborted) return
      if ((await this.#ask()) !== 'passes') continue
      this.paused = undefined
      changed()
      return
    }
  }
}
