import type { Clock } from '../clock.ts'
import type { DeliveryGate, Hold, OperatorPause } from '../delivery-gate.ts'
import { RateLimit } from '../rate-limit.ts'
import { sleepUnless } from '../sleep-unless.ts'

/** What a runner asks before it sends. */
export type Gate = Pick<
  DeliveryGate,
  | 'enter'
  | 'hasRate'
  | 'report'
  | 'judge'
  | 'trip'
  | 'pausedMs'
  | 'isPaused'
  | 'isCircuitClosed'
  | 'hold'
  | 'pause'
  | 'resume'
  | 'recheck'
  | 'watch'
>

/** The destination as it takes live traffic. */
export interface LiveDestination {
  gate: Gate
  /** Whether it has messages to send for which it needs its connections or its rate now. */
  isBusy: () => boolean
}

export interface ReplayGateOptions {
  live: LiveDestination
  clock: Clock
  /** Nobody waits any longer. */
  signal: AbortSignal
  /** 0: no limit of its own. */
  messagesPerSecond: number
  pause?: OperatorPause | undefined
}

/** While live traffic needs the destination, it is looked at so often whether it still does; less often while that is paused. */
const LOOK_MS = 20
const LOOK_PAUSED_MS = 250

/**
 * What every batch of a replay passes: the replay's own pause and rate, then a turn in which live traffic leaves room, then the
 * gate of the destination, with its pause, circuit and rate.
 */
export class ReplayGate implements Gate {
  readonly #options: ReplayGateOptions
  readonly #rate: RateLimit
  #pause: OperatorPause | undefined
  readonly #resumed: (() => void)[] = []
  readonly #watchers = new Set<() => void>()
  #turn: Promise<void> | undefined
  #heldMs = 0

  constructor(options: ReplayGateOptions) {
    this.#options = options
    this.#rate = new RateLimit(() => options.messagesPerSecond)
    this.#pause = options.pause
    const unwatch = options.live.gate.watch(() => this.#changed())
    options.signal.addEventListener('abort', () => {
      unwatch()
      this.#wake()
    })
  }

  async enter(messages: number): Promise<boolean> {
    const { live, clock, signal } = this.#options
    const waitMs = this.#rate.reserve(messages, clock.now())
    if (waitMs > 0) await sleepUnless(clock, signal, waitMs)
    do {
      while (this.#pause !== undefined && !signal.aborted) await this.#untilResumed()
      await this.turn()
    } while (this.#pause !== undefined && !signal.aborted)
    if (signal.aborted) return false
    return this.#enterLive(live.gate, messages)
  }

  /** Resolves when live traffic leaves room, or the signal aborts. */
  turn(): Promise<void> {
    if (!this.#options.live.isBusy()) return Promise.resolve()
    this.#turn ??= this.#untilRoom().finally(() => (this.#turn = undefined))
    return this.#turn
  }

  get isWaitingForLive(): boolean {
    return this.#turn !== undefined
  }

  hasRate: Gate['hasRate'] = (nowMs) => this.#rate.waitMs(nowMs) === 0 && this.#options.live.gate.hasRate(nowMs)
  report: Gate['report'] = (...result) => this.#options.live.gate.report(...result)
  judge: Gate['judge'] = () => this.#options.live.gate.judge()
  /** That a replay has parked too much says nothing about live traffic; it reads no further until there is room. */
  trip: Gate['trip'] = () => {}
  /** What the destination is paused for is looked at by its own runner. */
  recheck: Gate['recheck'] = () => {}

  watch(changed: () => void): () => void {
    this.#watchers.add(changed)
    return () => void this.#watchers.delete(changed)
  }

  pause(pause: OperatorPause): void {
    this.#pause = pause
    this.#changed()
  }

  resume(): void {
    if (this.#pause !== undefined) this.#heldMs += this.#options.clock.now() - this.#pause.sinceMs
    this.#pause = undefined
    this.#wake()
    this.#changed()
  }

  get isPaused(): boolean {
    return this.#pause !== undefined || this.#options.live.gate.isPaused
  }

  get isCircuitClosed(): boolean {
    return this.#options.live.gate.isCircuitClosed
  }

  get hold(): Hold | undefined {
    return this.#pause === undefined ? this.#options.live.gate.hold : { cause: 'operator', ...this.#pause }
  }

  /** Time in which it could not send although it wanted to does not count for the retry window. */
  pausedMs(): number {
    const own = this.#pause === undefined ? 0 : this.#options.clock.now() - this.#pause.sinceMs
    return this.#heldMs + own + this.#options.live.gate.pausedMs()
  }

  async #untilRoom(): Promise<void> {
    const { live, clock, signal } = this.#options
    const sinceMs = clock.now()
    while (live.isBusy() && !signal.aborted) {
      await sleepUnless(clock, signal, live.gate.isPaused ? LOOK_PAUSED_MS : LOOK_MS)
    }
    this.#heldMs += clock.now() - sinceMs
  }

  async #untilResumed(): Promise<void> {
    await new Promise<void>((resolve) => this.#resumed.push(resolve))
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher()
  }

  #wake(): void {
    for (const resolve of this.#resumed.splice(0)) resolve()
  }

  /** Whoever waits there does not know that the replay has ended. */
  async #enterLive(gate: Gate, messages: number): Promise<boolean> {
    const { signal } = this.#options
    const entering = gate.enter(messages)
    if (entering === undefined) return false
    let leave = (): void => {}
    const gone = new Promise<false>((resolve) => {
      leave = () => resolve(false)
      signal.addEventListener('abort', leave)
    })
    const isProbe = await Promise.race([entering, gone])
    signal.removeEventListener('abort', leave)
    if (!signal.aborted) return isProbe
    // Nothing will be sent as the probe of the circuit: another one may be.
    void entering.then((isLate) => isLate && gate.report('none', undefined, undefined, true))
    return false
  }
}
