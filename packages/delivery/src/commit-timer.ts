import type { Clock, Timer } from './clock.ts'

/** When a destination has sent something, which a crash would send again. */
const SOON_MS = 25
/**
 * When it has only found messages that are not for it. Looking at them again costs little; a commit for each block would be most
 * of what hundreds of destinations do that match little.
 */
const LATER_MS = 250

/** Calls for a commit some time after the first message of it was settled. */
export class CommitTimer {
  readonly #clock: Clock
  readonly #commit: () => void
  #timer: Timer | undefined
  #isSoon = false

  constructor(clock: Clock, commit: () => void) {
    this.#clock = clock
    this.#commit = commit
  }

  soon(): void {
    if (this.#isSoon) return
    this.stop()
    this.#isSoon = true
    this.#set(SOON_MS)
  }

  later(): void {
    if (this.#timer === undefined) this.#set(LATER_MS)
  }

  now(): void {
    this.stop()
    this.#commit()
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isSoon = false
  }

  #set(ms: number): void {
    this.#timer = this.#clock.setTimeout(() => this.now(), ms)
  }
}
