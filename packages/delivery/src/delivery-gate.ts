import type { Outcome } from '@millrace/component-kit'
import { CircuitBreaker } from './circuit-breaker.ts'
import type { CarriedCircuit, CircuitOptions } from './circuit-breaker.ts'
import type { Clock } from './clock.ts'
import { CredentialsCheck } from './credentials-check.ts'
import type { CarriedPause } from './credentials-check.ts'
import type { Failure } from './delivery.ts'
import { RateLimit } from './rate-limit.ts'
import type { CheckVerdict, RetryPolicy } from './retry-policy.ts'
import { sleepUnless } from './sleep-unless.ts'

/** A pause that somebody asked for. Kept in the state store until it is taken back. */
export interface OperatorPause {
  sinceMs: number
  reason: string
}

/** Why nothing is sent to a destination as a whole. */
export interface Hold {
  cause: 'operator' | 'unauthorized' | 'circuit'
  sinceMs: number
  reason: string
  /** When it is tried again without anybody doing anything. */
  nextAttemptMs?: number
}

export interface GateOptions {
  clock: Clock
  settings: CircuitOptions['settings']
  /** Nobody waits any longer. */
  signal: AbortSignal
  check?: (() => Promise<Outcome>) | undefined
  pause?: OperatorPause | undefined
  /** Messages per second; 0 stands for no limit. Default 0. */
  messagesPerSecond?: () => number
  /** Called when it opened or closed. */
  changed?: () => void
  /** How it stood when another one was stopped in whose place it is. An operator's pause is given by `pause`. */
  carried?: CarriedGate | undefined
}

/** What a gate found out about its destination, for the gate that takes its place. */
export interface CarriedGate {
  circuit: CarriedCircuit | undefined
  credentials: CarriedPause | undefined
}

/**
 * Every batch of a destination passes this gate. It is shut while an operator has paused the destination, while its credentials
 * are not taken, and while its circuit is open; then what was going to be sent stays where it is.
 */
export class DeliveryGate {
  readonly #options: GateOptions
  readonly #circuit: CircuitBreaker
  readonly #credentials: CredentialsCheck
  readonly #rate: RateLimit
  #pause: OperatorPause | undefined
  readonly #waiting: (() => void)[] = []
  readonly #watchers = new Set<() => void>()
  #pausedMs = 0
  #pausedSinceMs: number | undefined

  constructor(options: GateOptions) {
    this.#options = options
    const { clock, settings, signal, check, carried } = options
    const changed = (): void => this.#changed()
    this.#circuit = new CircuitBreaker({ clock, settings, changed, carried: carried?.circuit })
    this.#credentials = new CredentialsCheck({ clock, signal, check, changed, carried: carried?.credentials })
    this.#rate = new RateLimit(options.messagesPerSecond ?? (() => 0))
    this.#pause = options.pause
    if (this.isPaused) this.#pausedSinceMs = clock.now()
    signal.addEventListener('abort', () => {
      this.#circuit.stop()
      this.#wake(this.#waiting.length)
    })
  }

  /** Undefined: go. Else resolves when the batch may go, or sending has ended, with whether it is the probe of the circuit. */
  enter(messages: number): Promise<boolean> | undefined {
    if (!this.#isOpen) return this.#wait(messages)
    const waitMs = this.#rate.reserve(messages, this.#options.clock.now())
    return waitMs === 0 ? undefined : this.#wait(messages, waitMs)
  }

  /** Whether a message would not have to wait for the rate. */
  hasRate(nowMs: number): boolean {
    return this.#rate.waitMs(nowMs) === 0
  }

  /** Takes the result of a batch that went through. */
  report(
    receiver: RetryPolicy['receiver'],
    failure: Failure | undefined,
    afterMs: number | undefined,
    isProbe: boolean,
  ): void {
    if (receiver !== 'none') this.#circuit.record(receiver === 'works' ? undefined : failure, afterMs, isProbe)
    else if (isProbe) this.#circuit.releaseProbe()
  }

  /** Opens the circuit, whatever the share of failures. */
  trip(failure: Failure): void {
    this.#circuit.trip(failure)
  }

  /** Asks the destination's check who is to blame for a refused credential; pauses when it is not taken either. */
  judge(): Promise<CheckVerdict> {
    return this.#credentials.judge()
  }

  pause(pause: OperatorPause): void {
    this.#pause = pause
    this.#changed()
  }

  /** Takes back an operator's pause. One for credentials ends when the check passes, which is asked now. */
  resume(): void {
    this.#pause = undefined
    this.#changed()
    this.#credentials.recheck()
  }

  /** The configuration has changed: what it paused for may be repaired. */
  recheck(): void {
    this.#credentials.recheck()
  }

  /** Calls `changed` when it opened or closed, until the function that is returned is called. */
  watch(changed: () => void): () => void {
    this.#watchers.add(changed)
    return () => void this.#watchers.delete(changed)
  }

  get isPaused(): boolean {
    return this.#pause !== undefined || this.#credentials.paused !== undefined
  }

  get isCircuitClosed(): boolean {
    return this.#circuit.state === 'closed'
  }

  get hold(): Hold | undefined {
    if (this.#pause !== undefined) return { cause: 'operator', ...this.#pause }
    const { paused } = this.#credentials
    if (paused !== undefined) {
      const { sinceMs, failure, nextCheckMs } = paused
      return { cause: 'unauthorized', sinceMs, reason: reasonOf(failure), nextAttemptMs: nextCheckMs }
    }
    const { opened } = this.#circuit
    if (opened === undefined) return undefined
    const { sinceMs, failure, nextProbeMs } = opened
    return { cause: 'circuit', sinceMs, reason: reasonOf(failure), nextAttemptMs: nextProbeMs }
  }

  /** What a successor goes on with. */
  get carried(): CarriedGate {
    return { circuit: this.#circuit.carried, credentials: this.#credentials.paused }
  }

  /** How long it was paused in all, in milliseconds: such time does not count for the retry window of a delivery. */
  pausedMs(): number {
    const { clock } = this.#options
    return this.#pausedMs + (this.#pausedSinceMs === undefined ? 0 : clock.now() - this.#pausedSinceMs)
  }

  get #isOpen(): boolean {
    return !this.isPaused && this.isCircuitClosed
  }

  /** @param reservedMs How long to wait for the rate, if there is a place in its line already. */
  async #wait(messages: number, reservedMs?: number): Promise<boolean> {
    const { clock, signal } = this.#options
    for (let waitMs = reservedMs; ; waitMs = undefined) {
      const isProbe = waitMs === undefined && (await this.#untilOpen())
      if (signal.aborted) return false
      waitMs ??= this.#rate.reserve(messages, clock.now())
      if (waitMs > 0) await sleepUnless(clock, signal, waitMs)
      // It may have been shut meanwhile; who waits for it to open again takes a new place in the line.
      if (signal.aborted || (isProbe ? !this.isPaused : this.#isOpen)) return isProbe
      if (isProbe) this.#circuit.releaseProbe()
    }
  }

  /** Whether it was let through as the probe. */
  async #untilOpen(): Promise<boolean> {
    while (!this.#options.signal.aborted && !this.#isOpen) {
      if (!this.isPaused && this.#circuit.takeProbe()) return true
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    return false
  }

  #changed(): void {
    const nowMs = this.#options.clock.now()
    if (this.isPaused) {
      this.#pausedSinceMs ??= nowMs
    } else if (this.#pausedSinceMs !== undefined) {
      this.#pausedMs += nowMs - this.#pausedSinceMs
      this.#pausedSinceMs = undefined
    }
    if (this.#isOpen) this.#wake(this.#waiting.length)
    // The one that has waited longest sends the probe, so that no batch can keep the circuit open for the others.
    else if (!this.isPaused && this.#circuit.state === 'ready') this.#wake(1)
    this.#options.changed?.()
    for (const watcher of this.#watchers) watcher()
  }

  #wake(count: number): void {
    for (const resolve of this.#waiting.splice(0, count)) resolve()
  }
}

const reasonOf = ({ code, message }: Failure): string => `${code}: ${message}`
