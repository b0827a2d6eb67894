import type { Clock } from './clock.ts'

/**
 * The turns in which the destinations of a process scan, so that none keeps the processor from the others:
 *
 * - A turn ends after 2 ms of work or 2,000 rows, also in the middle of a block: a slow mapping is held to time, not to rows.
 *   Then requests and answers of all, and the turns of others, go first.
 * - Who is behind (its messages were received more than 2 s ago) gives way to the fresh messages of others: as long as
 *   somebody has taken some within the last second, those behind share a part of the time, one after the other. The part grows
 *   up to a quarter while the process is busy for less than 60 % of the time, and is halved while it is busy for more, since
 *   sending costs more than scanning; it does not fall below a fiftieth, so a backlog never stands still. When nobody has taken
 *   fresh messages, those behind wait for nothing.
 */
export interface TurnsOptions {
  clock: Clock
  /** Milliseconds of any origin, finer than the clock's. Default: the clock's. */
  preciseMs?: (() => number) | undefined
  /** For what share of the time the process was busy since it was asked last, 0 to 1. Default: it never is. */
  busyShare?: (() => number) | undefined
}

const TURN_MS = 2
const TURN_ROWS = 2_000
const BEHIND_MS = 2_000
const FRESH_FOR_MS = 1_000
const GREATEST_SHARE = 0.25
const LEAST_SHARE = 0.02
const BUSY = 0.6
/** How often the part of those behind changes. */
const ADAPT_MS = 100
const GROWTH = 1.2

export class Turns {
  readonly #clock: Clock
  readonly #preciseMs: () => number
  readonly #busyShare: () => number
  #freshMs = -Infinity
  #share = GREATEST_SHARE
  #adaptedMs = -Infinity
  /** Those behind go one after the other. */
  #behind: Promise<void> = Promise.resolve()

  constructor({ clock, preciseMs = clock.now, busyShare = () => 0 }: TurnsOptions) {
    this.#busyShare = busyShare
    this.#clock = clock
    this.#preciseMs = preciseMs
  }

  /** The turns of one destination. */
  join(): Turn {
    return new Turn({
      preciseMs: this.#preciseMs,
      isBehind: (receivedAtMs) => this.#clock.now() - receivedAtMs > BEHIND_MS,
      tookFresh: () => {
        this.#freshMs = this.#clock.now()
      },
      next: (usedMs, isBehind) => this.#next(usedMs, isBehind),
    })
  }

  #next(usedMs: number, isBehind: boolean): Promise<void> {
    if (!isBehind) return immediate()
    const turn = this.#behind.then(() => this.#giveWay(usedMs))
    this.#behind = turn
    return turn
  }

  async #giveWay(usedMs: number): Promise<void> {
    await immediate()
    if (this.#clock.now() - this.#freshMs > FRESH_FOR_MS) return
    this.#adapt()
    const waitMs = Math.max(1, usedMs / this.#share - usedMs)
    await new Promise<void>((resolve) => void this.#clock.setTimeout(resolve, waitMs))
  }

  #adapt(): void {
    const nowMs = this.#clock.now()
    if (Math.abs(nowMs - this.#adaptedMs) < ADAPT_MS) return
    this.#adaptedMs = nowMs
    const isBusy = this.#busyShare() > BUSY
    this.#share = isBusy ? Math.max(LEAST_SHARE, this.#share / 2) : Math.min(GREATEST_SHARE, this.#share * GROWTH)
  }
}

const immediate = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

interface TurnOptions {
  preciseMs: () => number
  isBehind: (receivedAtMs: number) => boolean
  tookFresh: () => void
  next: (usedMs: number, isBehind: boolean) => Promise<void>
}

export class Turn {
  readonly #options: TurnOptions
  #startedMs = 0
  #usedMs = 0
  #rows = 0
  #isBehind = false

  constructor(options: TurnOptions) {
    this.#options = options
  }

  /** A block was passed by, which takes hardly any time. */
  passed(rows: number): void {
    this.#rows += rows
  }

  /** Work on a block begins, or goes on after a wait. */
  begin(receivedAtMs: number): void {
    this.#isBehind = this.#options.isBehind(receivedAtMs)
    this.#startedMs = this.#options.preciseMs()
  }

  /** The work ends, or waits. */
  end(rows: number): void {
    this.#usedMs += this.#options.preciseMs() - this.#startedMs
    this.#rows += rows
  }

  /** Says that messages matched: if they are fresh, those behind give way for a while. */
  matched(): void {
    if (!this.#isBehind) this.#options.tookFresh()
  }

  /** Between `begin` and `end`: whether it has worked for long enough. */
  get isOver(): boolean {
    return this.#usedMs + this.#options.preciseMs() - this.#startedMs >= TURN_MS
  }

  /** After `end`: whether it is to wait for its next turn. */
  get isUsedUp(): boolean {
    return this.#usedMs >= TURN_MS || this.#rows >= TURN_ROWS
  }

  /** Resolves when it is its turn again. */
  async next(): Promise<void> {
    const usedMs = this.#usedMs
    await this.#options.next(usedMs, this.#isBehind)
    this.#usedMs = 0
    this.#rows = 0
  }
}
