import type { Outcome, Payload } from '@millrace/component-kit'
import type { CompiledAction } from './destination-config.ts'
import type { DeliveryGate } from './delivery-gate.ts'
import { outcomeCodes } from './outcome-code.ts'
import type { OutcomeCode } from './outcome-code.ts'
import { retryDelayMs } from './retry-delay.ts'
import { retryPolicyOf } from './retry-policy.ts'
import type { RetryPolicy } from './retry-policy.ts'
import type { DeliverySettings } from './delivery-settings.ts'
import type { WindowEntry } from './delivery-window.ts'

/** One message for one action. */
export interface Delivery {
  action: CompiledAction
  payload: Payload
  entry: WindowEntry
  row: number
  bytes: number
  attempts: number
  firstAttemptMs: number
  /** How long the destination had been paused in all when it was attempted first. */
  pausedBeforeMs: number
}

export interface LaneOptions {
  settings: () => DeliverySettings
  now: () => number
  /** What every batch passes before it is sent. */
  gate: Pick<DeliveryGate, 'enter' | 'report' | 'judge' | 'pausedMs'>
  random: () => number
  /** Sends one batch of actions that share `deliver`, by the first of them: one outcome per delivery, in order. Does not throw. */
  send: (action: CompiledAction, payloads: readonly Payload[]) => Promise<readonly Outcome[]>
  /** Called once per delivery, when its outcome is final. */
  settled: (delivery: Delivery, code: OutcomeCode, failure: Failure | undefined) => void
  /** Called when a batch failed and is tried again. */
  retrying: (failure: Failure, nextAttemptMs: number) => void
  sleep: (ms: number) => Promise<void>
  stopped: () => boolean
}

export interface Failure {
  code: string
  message: string
}

/**
 * Sends deliveries one batch after the other, in order. The deliveries of one person share a lane, so they arrive in
 * order, and a failing one holds back only its lane.
 *
 * A batch holds consecutive deliveries of actions that share `deliver`. Those that the receiver wants again stay at the front of the lane and
 * are sent again after the delay; the others are settled at once.
 */
export class Lane {
  readonly #options: LaneOptions
  #queue: Delivery[] = []
  #sending: Promise<void> = Promise.resolve()
  /** Ends in the same turn in which `#send` finds nothing more to do, so that no `pump` falls into a gap between the two. */
  #isSending = false
  #flush = false

  constructor(options: LaneOptions) {
    this.#options = options
  }

  get length(): number {
    return this.#queue.length
  }

  push(delivery: Delivery): void {
    this.#queue.push(delivery)
  }

  /** Starts sending, if it is not under way: whole batches, or, as long as `flush` was said last, also a partial one. */
  pump(flush: boolean): void {
    this.#flush = flush
    if (!this.#isSending) this.#sending = this.#send()
  }

  /** Resolves when the batch that is under way has its outcomes. */
  async idle(): Promise<void> {
    await this.#sending
  }

  get isSending(): boolean {
    return this.#isSending
  }

  async #send(): Promise<void> {
    this.#isSending = true
    try {
      while (this.#queue.length > 0 && !this.#options.stopped()) {
        const batch = this.#nextBatch()
        if (batch === undefined) return
        const waiting = this.#options.gate.enter(batch.length)
        const isProbe = waiting !== undefined && (await waiting)
        if (waiting !== undefined && this.#options.stopped()) return
        const delayMs = await this.#attempt(batch, isProbe)
        if (delayMs !== undefined) await this.#options.sleep(delayMs)
      }
    } finally {
      this.#isSending = false
    }
  }

  #nextBatch(): Delivery[] | undefined {
    const first = this.#queue[0] as Delivery
    const { maxMessages, maxBytes } = first.action
    const { deliver } = first.action.action
    let count = 0
    let bytes = 0
    for (const delivery of this.#queue) {
      if (delivery.action.action.deliver !== deliver || count === maxMessages) break
      if (count > 0 && bytes + delivery.bytes > maxBytes) break
      bytes += delivery.bytes
      count++
    }
    // A partial batch waits for company unless it was closed by another function or its size, or is tried again.
    const isOpen = count === this.#queue.length && count < maxMessages
    if (isOpen && !this.#flush && first.attempts === 0) return undefined
    return this.#queue.slice(0, count)
  }

  /** Sends one batch; returns how long to wait when some of it must be sent again. */
  async #attempt(batch: readonly Delivery[], isProbe: boolean): Promise<number | undefined> {
    const { now, settings, random, gate } = this.#options
    const startedMs = now()
    for (const delivery of batch) {
      if (delivery.attempts === 0) {
        delivery.firstAttemptMs = startedMs
        delivery.pausedBeforeMs = gate.pausedMs()
      }
      delivery.attempts++
    }
    const action = (batch[0] as Delivery).action
    const outcomes = await this.#options.send(
      action,
      batch.map(({ payload }) => payload),
    )
    const verdict = outcomes.some(({ status }) => status === 'unauthorized') ? await gate.judge() : 'unknown'
    const again: Delivery[] = []
    let receiver: RetryPolicy['receiver'] = 'none'
    let failure: Failure | undefined
    let afterMs: number | undefined
    let isHeld = false
    for (const [at, delivery] of batch.entries()) {
      const outcome = outcomes[at] as Outcome
      const policy = retryPolicyOf(outcome.status, verdict)
      if (policy.receiver === 'works' || receiver === 'none') receiver = policy.receiver
      if (outcome.status === 'delivered') {
        this.#options.settled(delivery, outcomeCodes.delivered, undefined)
        continue
      }
      if (outcome.status === 'retry') afterMs = Math.max(afterMs ?? 0, outcome.afterMs ?? 0)
      failure = outcome
      if (policy.delivery === 'dead') {
        this.#options.settled(delivery, outcomeCodes.deadRejected, outcome)
      } else if (policy.delivery === 'again' && this.#isTooOld(delivery)) {
        this.#options.settled(delivery, outcomeCodes.deadRetryWindow, outcome)
      } else {
        again.push(delivery)
        isHeld ||= policy.delivery === 'hold'
      }
    }
    this.#queue = again.length === 0 ? this.#queue.slice(batch.length) : [...again, ...this.#queue.slice(batch.length)]
    gate.report(receiver, failure, afterMs, isProbe)
    // The gate lets it go on when the destination is no longer paused.
    if (failure === undefined || again.length === 0 || isHeld) return undefined
    const delayMs = retryDelayMs((again[0] as Delivery).attempts + 1, settings(), afterMs, random)
    this.#options.retrying(failure, now() + delayMs)
    return delayMs
  }

  /** Time in which the destination was paused does not count. */
  #isTooOld({ firstAttemptMs, pausedBeforeMs }: Delivery): boolean {
    const { now, gate, settings } = this.#options
    const pausedMs = gate.pausedMs() - pausedBeforeMs
    return now() - firstAttemptMs - pausedMs >= settings().retryWindowMs
  }
}
