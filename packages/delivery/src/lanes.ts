import type { Outcome } from '@millrace/component-kit'
import { addAttempt } from './attempt-history.ts'
import { isTooOld } from './delivery.ts'
import type { Delivery, Failure } from './delivery.ts'
import type { DeliveryGate } from './delivery-gate.ts'
import type { DeliverySettings } from './delivery-settings.ts'
import type { CompiledAction } from './destination-config.ts'
import { Fifo } from './fifo.ts'
import { outcomeCodes } from './outcome-code.ts'
import type { OutcomeCode } from './outcome-code.ts'
import { retryDelayMs } from './retry-delay.ts'
import { retryPolicyOf } from './retry-policy.ts'
import type { RetryPolicy } from './retry-policy.ts'

/**
 * The deliveries of one destination that are to be sent. Those with one key form a lane, which exists only while it has any,
 * and is sent in order. A lane is always in one of these states:
 *
 *     ready     its first delivery may be sent. Ready lanes are served in the order in which they became so.
 *     sending   its first deliveries are in a batch that is under way: so no key is in two requests at once.
 *     waiting   its first delivery has failed, and the delay before the next attempt runs.
 *
 * At most `concurrency` batches are under way at once. A batch takes ready lanes from the front, and of each as many
 * deliveries as follow each other with actions that share `deliver`, until it is full. One that is not full goes
 * only when nothing more is there, or when something in it is tried again.
 */
export interface LanesOptions {
  settings: () => DeliverySettings
  now: () => number
  /** What every batch passes before it is sent. */
  gate: Pick<DeliveryGate, 'enter' | 'report' | 'judge' | 'pausedMs'>
  random: () => number
  /** Sends one batch of actions that share `deliver`, by the first of them: one outcome per delivery, in order. Does not throw. */
  send: (action: CompiledAction, deliveries: readonly Delivery[]) => Promise<readonly Outcome[]>
  /** Called once per delivery, when its outcome is final. */
  settled: (delivery: Delivery, code: OutcomeCode, failure: Failure | undefined) => void
  /** Called when a batch failed and is tried again. */
  retrying: (failure: Failure, nextAttemptMs: number) => void
  /**
   * Asked when the first delivery of a lane failed and the next attempt would be then: whether the whole lane is taken over, to be
   * given back later. If not, it waits here.
   */
  park: (lane: readonly Delivery[], failure: Failure, nextAttemptMs: number) => boolean
  sleep: (ms: number) => Promise<void>
  stopped: () => boolean
}

interface Lane {
  readonly key: string | undefined
  queue: Delivery[]
  /** Places it among the ready ones of other functions. */
  readySince: number
}

interface Batch {
  deliveries: readonly Delivery[]
  /** The lanes that it holds, with how many deliveries of each, in the same order. */
  lanes: readonly { lane: Lane; taken: number }[]
}

type DeliverFunction = CompiledAction['action']['deliver']

export class Lanes {
  readonly #options: LanesOptions
  readonly #lanes = new Map<string, Lane>()
  readonly #ready = new Map<DeliverFunction, Fifo<Lane>>()
  #readied = 0
  #flush = false
  #size = 0
  #underWay = 0
  #idle: (() => void)[] = []

  constructor(options: LanesOptions) {
    this.#options = options
  }

  /** Deliveries that are not settled. */
  get size(): number {
    return this.#size
  }

  push(delivery: Delivery): void {
    const { key } = delivery
    this.#size++
    const lane = key === undefined ? undefined : this.#lanes.get(key)
    if (lane !== undefined) {
      lane.queue.push(delivery)
      return
    }
    const added: Lane = { key, queue: [delivery], readySince: 0 }
    if (key !== undefined) this.#lanes.set(key, added)
    this.#makeReady(added)
  }

  /** Starts sending what can be sent: whole batches, or, as long as `flush` was said last, also partial ones. */
  pump(flush: boolean): void {
    this.#flush = flush
    this.#fill()
  }

  /** Resolves when no batch is under way. */
  async idle(): Promise<void> {
    if (this.#underWay > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #fill(): void {
    const { settings, stopped } = this.#options
    while (!stopped() && this.#underWay < settings().concurrency) {
      const batch = this.#nextBatch()
      if (batch === undefined) return
      this.#underWay++
      void this.#process(batch)
    }
  }

  /** A batch of the function whose first lane has waited longest; of the others, if that one has no whole batch yet. */
  #nextBatch(): Batch | undefined {
    const queues = [...this.#ready].filter(([, { length }]) => length > 0)
    if (queues.length > 1) {
      const since = (queue: Fifo<Lane>): number => (queue.peek() as Lane).readySince
      queues.sort(([, one], [, other]) => since(one) - since(other))
    }
    for (const [deliver, queue] of queues) {
      const batch = this.#takeBatch(deliver, queue)
      if (batch !== undefined) return batch
    }
    return undefined
  }

  #takeBatch(deliver: DeliverFunction, queue: Fifo<Lane>): Batch | undefined {
    const { maxMessages, maxBytes } = ((queue.peek() as Lane).queue[0] as Delivery).action
    const deliveries: Delivery[] = []
    const lanes: { lane: Lane; taken: number }[] = []
    let bytes = 0
    let isFull = false
    let isRetry = false
    for (let at = 0; at < queue.length && !isFull; at++) {
      const lane = queue.peek(at) as Lane
      let taken = 0
      for (const delivery of lane.queue) {
        if (delivery.action.action.deliver !== deliver) break
        isFull = deliveries.length > 0 && bytes + delivery.bytes > maxBytes
        if (isFull) break
        deliveries.push(delivery)
        bytes += delivery.bytes
        isRetry ||= delivery.attempts > 0
        taken++
        isFull = deliveries.length === maxMessages
        if (isFull) break
      }
      if (taken > 0) lanes.push({ lane, taken })
    }
    if (!isFull && !isRetry && !this.#flush) return undefined
    queue.drop(lanes.length)
    return { deliveries, lanes }
  }

  async #process(batch: Batch): Promise<void> {
    const { gate, stopped } = this.#options
    try {
      const waiting = gate.enter(batch.deliveries.length)
      const isProbe = waiting !== undefined && (await waiting)
      if (waiting === undefined || !stopped()) await this.#attempt(batch, isProbe)
    } finally {
      this.#underWay--
      if (this.#underWay === 0) for (const resolve of this.#idle.splice(0)) resolve()
    }
    this.#fill()
  }

  /** Sends one batch, settles what is final, and says when the rest of it goes on. */
  async #attempt({ deliveries, lanes }: Batch, isProbe: boolean): Promise<void> {
    const { now, settings, random, gate, send } = this.#options
    const startedMs = now()
    for (const delivery of deliveries) {
      if (delivery.attempts === 0) {
        delivery.firstAttemptMs = startedMs
        delivery.pausedBeforeMs = gate.pausedMs()
      }
      delivery.attempts++
    }
    const outcomes = await send((deliveries[0] as Delivery).action, deliveries)
    const verdict = outcomes.some(({ status }) => status === 'unauthorized') ? await gate.judge() : 'unknown'
    const again = new Set<Delivery>()
    let receiver: RetryPolicy['receiver'] = 'none'
    let failure: Failure | undefined
    let afterMs: number | undefined
    let isHeld = false
    for (const [at, delivery] of deliveries.entries()) {
      const outcome = outcomes[at] as Outcome
      const policy = retryPolicyOf(outcome.status, verdict)
      if (policy.receiver === 'works' || receiver === 'none') receiver = policy.receiver
      if (outcome.status === 'delivered') {
        this.#settle(delivery, outcomeCodes.delivered, undefined)
        continue
      }
      if (outcome.status === 'retry') afterMs = Math.max(afterMs ?? 0, outcome.afterMs ?? 0)
      failure = outcome
      delivery.history = addAttempt(delivery.history, startedMs, now(), outcome.code)
      if (policy.delivery === 'dead') {
        this.#settle(delivery, outcomeCodes.deadRejected, outcome)
      } else if (policy.delivery === 'again' && isTooOld(delivery, settings().retryWindowMs, now(), gate.pausedMs())) {
        this.#settle(delivery, outcomeCodes.deadRetryWindow, outcome)
      } else {
        again.add(delivery)
        isHeld ||= policy.delivery === 'hold'
      }
    }
    // That what had failed alone fails again says nothing about the receiver.
    if (receiver === 'fails' && !isProbe && deliveries.every(isParkedRetry)) receiver = 'none'
    gate.report(receiver, failure, afterMs, isProbe)
    for (const { lane, taken } of lanes) {
      if (again.size === 0) lane.queue.splice(0, taken)
      else lane.queue = lane.queue.filter((delivery, at) => at >= taken || again.has(delivery))
    }
    const failed: Lane[] = []
    for (const { lane } of lanes) {
      const [first] = lane.queue
      if (first === undefined) this.#remove(lane)
      // The gate lets what is held go on when the destination is no longer paused.
      else if (isHeld || !again.has(first)) this.#makeReady(lane)
      else failed.push(lane)
    }
    if (failure === undefined || failed.length === 0 || isHeld) return
    const attempts = Math.max(...failed.map(({ queue }) => (queue[0] as Delivery).attempts))
    this.#wait(failed, failure, retryDelayMs(attempts + 1, settings(), afterMs, random))
  }

  /** All lanes of a failed batch come back together, so that they share a batch again. */
  #wait(failed: readonly Lane[], failure: Failure, delayMs: number): void {
    const { now, retrying, park } = this.#options
    const nextAttemptMs = now() + delayMs
    retrying(failure, nextAttemptMs)
    const waiting: Lane[] = []
    for (const lane of failed) {
      if (!park(lane.queue, failure, nextAttemptMs)) {
        waiting.push(lane)
        continue
      }
      this.#size -= lane.queue.length
      this.#remove(lane)
    }
    if (waiting.length > 0) void this.#comeBack(waiting, delayMs)
  }

  async #comeBack(waiting: readonly Lane[], delayMs: number): Promise<void> {
    await this.#options.sleep(delayMs)
    if (this.#options.stopped()) return
    for (const lane of waiting) this.#makeReady(lane)
    this.#fill()
  }

  #settle(delivery: Delivery, code: OutcomeCode, failure: Failure | undefined): void {
    this.#size--
    this.#options.settled(delivery, code, failure)
  }

  #makeReady(lane: Lane): void {
    const { deliver } = (lane.queue[0] as Delivery).action.action
    lane.readySince = this.#readied++
    let queue = this.#ready.get(deliver)
    if (queue === undefined) this.#ready.set(deliver, (queue = new Fifo()))
    queue.push(lane)
  }

  #remove({ key }: Lane): void {
    if (key !== undefined) this.#lanes.delete(key)
  }
}

const isParkedRetry = ({ origin, attempts }: Delivery): boolean => 'parked' in origin && attempts > 1
