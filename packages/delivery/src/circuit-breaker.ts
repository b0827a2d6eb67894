import type { Clock, Timer } from './clock.ts'
import type { DeliverySettings } from './delivery-settings.ts'
import { FailureWindow } from './failure-window.ts'
import type { Failure } from './delivery.ts'

export interface CircuitOptions {
  clock: Clock
  settings: () => Pick<
    DeliverySettings,
    'circuitFailureShare' | 'circuitMinRequests' | 'circuitWindowMs' | 'circuitProbeDelayMs' | 'maxRetryDelayMs'
  >
  /** Called when the state has changed. */
  changed: () => void
  /** How it stood when another one was stopped in whose place it is. */
  carried?: CarriedCircuit | undefined
}

/** An open circuit, as its successor takes it over. */
export interface CarriedCircuit {
  sinceMs: number
  failure: Failure
  nextProbeMs: number
  probes: number
}

/**
 * Stops sending to a destination that fails as a whole:
 *
 *     closed    everything is sent. Opens when, of at least `circuitMinRequests` requests within `circuitWindowMs`, the share
 *               `circuitFailureShare` has failed.
 *     open      nothing is sent until the next probe is due.
 *     ready     one request may go: the probe.
 *     probing   the probe is under way. If it does not fail the circuit closes, else it opens for twice as long.
 */
export class CircuitBreaker {
  readonly #options: CircuitOptions
  readonly #window = new FailureWindow()
  state: 'closed' | 'open' | 'ready' | 'probing' = 'closed'
  /** What it opened for, while it is not closed. */
  opened: { sinceMs: number; failure: Failure; nextProbeMs: number } | undefined
  #probes = 0
  #timer: Timer | undefined

  constructor(options: CircuitOptions) {
    this.#options = options
    const { clock, carried } = options
    if (carried === undefined) return
    const { probes, ...opened } = carried
    this.#probes = probes
    this.opened = opened
    this.state = 'open'
    this.#ready(Math.max(0, opened.nextProbeMs - clock.now()))
  }

  /** What a successor goes on with; undefined when it is closed. */
  get carried(): CarriedCircuit | undefined {
    return this.opened && { ...this.opened, probes: this.#probes }
  }

  /**
   * Takes the result of a request.
   * @param failure Undefined when the receiver did its work.
   * @param afterMs What the receiver asked for, if it did.
   */
  record(failure: Failure | undefined, afterMs: number | undefined, isProbe: boolean): void {
    const { clock, settings } = this.#options
    if (isProbe) {
      if (failure === undefined) this.#close()
      else this.#open(failure, afterMs)
    } else if (this.state === 'closed') {
      const { circuitFailureShare, circuitMinRequests, circuitWindowMs } = settings()
      this.#window.record(failure !== undefined, clock.now(), circuitWindowMs)
      if (failure === undefined) return
      const { requests, failures } = this.#window
      if (requests >= circuitMinRequests && failures >= circuitFailureShare * requests) this.#open(failure, afterMs)
    }
    // What was under way when it opened says nothing new.
  }

  /** Opens for another reason than failures, if it is closed. */
  trip(failure: Failure): void {
    if (this.state === 'closed') this.#open(failure)
  }

  /** Takes the right to send the probe. */
  takeProbe(): boolean {
    if (this.state !== 'ready') return false
    this.state = 'probing'
    return true
  }

  /** The probe said nothing about the receiver: another one may go. */
  releaseProbe(): void {
    this.state = 'ready'
    this.#options.changed()
  }

  /** Ends its timer. */
  stop(): void {
    this.#options.clock.clearTimeout(this.#timer)
  }

  #open(failure: Failure, afterMs = 0): void {
    const { clock, settings, changed } = this.#options
    const { circuitProbeDelayMs, maxRetryDelayMs } = settings()
    const longestMs = Math.max(circuitProbeDelayMs, maxRetryDelayMs)
    const grown = Math.min(longestMs, circuitProbeDelayMs * 2 ** Math.min(this.#probes++, 40))
    // What the receiver asks for counts as far as the settings would wait by themselves: the lane that was told so waits longer.
    const delayMs = Math.max(grown, Math.min(afterMs, longestMs))
    const nowMs = clock.now()
    this.opened = { sinceMs: this.opened?.sinceMs ?? nowMs, failure, nextProbeMs: nowMs + delayMs }
    this.state = 'open'
    this.#ready(delayMs)
    changed()
  }

  #ready(delayMs: number): void {
    const { clock, changed } = this.#options
    this.#timer = clock.setTimeout(() => {
      this.state = 'ready'
      changed()
    }, delayMs)
  }

  #close(): void {
    this.#probes = 0
    this.#window.clear()
    this.opened = undefined
    this.state = 'closed'
    this.#options.changed()
  }
}
