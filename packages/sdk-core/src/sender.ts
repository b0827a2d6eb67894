import { retryAfterMs, verdictOf } from './answer.ts'
import type { Answer } from './answer.ts'
import { backoffMs, defaultBackoff } from './backoff.ts'
import type { Backoff } from './backoff.ts'
import { maxBatchBytes } from './limits.ts'
import type { BatchLimits, Generation, MessageQueue, QueuedMessage, Settlement } from './message-queue.ts'
import type { Runtime } from './runtime.ts'

export interface SenderOptions {
  queue: MessageQueue
  /** Sends one batch; rejects when there is no answer, also when it takes too long. */
  send: (batch: readonly QueuedMessage[]) => Promise<Answer>
  runtime: Runtime
  /** Messages that start a request at once. */
  flushAt: number
  /** How long fewer than these may wait. */
  flushIntervalMs: number
  /** A batch; by default 100 messages and 500 KB. */
  limits?: BatchLimits
  /** Requests at the same time; by default 1, which keeps the order. */
  concurrency?: number
  /** Times that one message is sent before it is given up; by default no bound. */
  maxAttempts?: number
  backoff?: Backoff
  /** Runs a task when no other sender of this queue runs one; by default at once. */
  exclusively?: (task: () => Promise<void>) => Promise<void>
  /** A batch failed and will be sent again after a pause. */
  onRetry?: (batch: readonly QueuedMessage[], waitMs: number, last: Settlement) => void
}

export interface Sender {
  /** A message was added to the queue. */
  added: (message: QueuedMessage) => void
  /** Sends what waits; resolves when each message added so far is delivered, refused or given up. */
  flush: () => Promise<void>
  /** Tries again now, whatever pause was agreed with ourselves; one that the server asked for stays. */
  wake: () => void
  /**
   * One request more, whatever is under way or paused, but not against the server's wish: for a page that is going away.
   * False when there was nothing to send, or the first message is over the limits.
   */
  sendNow: (limits: BatchLimits) => boolean
  /** As `flush`, but each message is sent at most once more, and no pause is waited for. */
  close: () => Promise<void>
}

/**
 * Sends what is in a queue, by count and by time.
 *
 * - Nothing waits longer than the interval unless the server is away; then all wait, and one batch at a time probes it.
 * - A batch that fails keeps its messages and their ids, so that a copy that did arrive is known by them.
 * - A pause of the server (`Retry-After`) is waited for in full, whatever else happens; our own is drawn at random.
 */
export const createSender = (options: SenderOptions): Sender => {
  const { queue, send, runtime, flushAt, flushIntervalMs, concurrency = 1, maxAttempts = Infinity } = options
  const { backoff = defaultBackoff, exclusively = (task) => task(), onRetry } = options
  let limits = options.limits ?? { messages: 100, bytes: maxBatchBytes }
  let timer: unknown
  let running = 0
  let failures = 0
  let pausedUntil = 0
  let askedUntil = 0
  let isClosing = false
  // What waits is sent whole, also the last batch that is not full.
  let isForced = false
  let generation: Generation = { open: 0 }
  let generations: Generation[] = []

  const settle = (batch: readonly QueuedMessage[], settlement: Settlement): void => {
    queue.remove(batch)
    for (const message of batch) {
      message.settled?.(settlement)
      const own = message.generation
      if (own !== undefined && --own.open === 0) own.done?.()
    }
  }

  const failed = (batch: readonly QueuedMessage[], last: Settlement, retryAfter: number | undefined): void => {
    failures += 1
    const waitMs = Math.max(retryAfter ?? 0, backoffMs(failures, runtime.random(), backoff))
    const now = runtime.now()
    pausedUntil = now + waitMs
    if (retryAfter !== undefined) askedUntil = now + retryAfter
    const isOver = (message: QueuedMessage): boolean => isClosing || message.attempts >= maxAttempts
    const again = batch.filter((message) => !isOver(message))
    queue.putBack(again)
    if (again.length < batch.length) settle(batch.filter(isOver), { ...last, kind: 'given_up' })
    if (again.length > 0) onRetry?.(again, waitMs, last)
  }

  const attempt = async (batch: readonly QueuedMessage[]): Promise<void> => {
    for (const message of batch) message.attempts += 1
    let answer: Answer
    try {
      answer = await send(batch)
    } catch (error) {
      failed(batch, { kind: 'given_up', error }, undefined)
      return
    }
    const { status, retryAfter } = answer
    const verdict = verdictOf(status)
    if (verdict === 'retry') {
      failed(batch, { kind: 'given_up', status }, retryAfterMs(retryAfter, runtime.now()))
    } else if (status === 413 && batch.length > 1) {
      // Something on the way takes less than the server does; it may take half.
      limits = { ...limits, messages: Math.ceil(batch.length / 2) }
      queue.putBack(batch)
    } else {
      const isBack = failures > 0
      failures = 0
      settle(batch, { kind: verdict === 'accepted' ? 'delivered' : 'refused', status })
      if (isBack) run()
    }
  }

  const isPaused = (): boolean => !isClosing && runtime.now() < pausedUntil
  const isDue = (): boolean => queue.waiting() > 0 && (isForced || queue.waiting() >= flushAt)

  const drain = async (): Promise<void> => {
    while (isDue() && !isPaused()) {
      const batch = queue.take(limits)
      if (queue.waiting() === 0) isForced = false
      if (batch.length === 0) break
      await attempt(batch)
    }
  }

  const run = (): void => {
    if (isPaused() || !isDue()) {
      schedule()
      return
    }
    stopTimer()
    // After a failure one request at a time, until one succeeds.
    const most = failures > 0 && !isClosing ? 1 : concurrency
    const workers = Math.min(most - running, Math.ceil(queue.waiting() / Math.min(limits.messages, flushAt)))
    for (let started = 0; started < workers; started++) {
      running += 1
      const over = (): void => {
        running -= 1
        run()
      }
      exclusively(drain).then(over, over)
    }
  }

  const schedule = (): void => {
    if (timer !== undefined || queue.waiting() === 0 || running > 0) return
    const waitMs = isPaused() ? pausedUntil - runtime.now() : flushIntervalMs
    timer = runtime.setTimer(() => {
      timer = undefined
      isForced = true
      run()
    }, waitMs)
  }

  const stopTimer = (): void => {
    if (timer !== undefined) runtime.clearTimer(timer)
    timer = undefined
  }

  const runNow = (): void => {
    stopTimer()
    isForced = true
    run()
  }

  const flush = (): Promise<void> => {
    if (generation.open > 0) {
      const closed = generation
      closed.over = new Promise((resolve) => {
        closed.done = resolve
      })
      generations = [...generations.filter(({ open }) => open > 0), closed]
      generation = { open: 0 }
    }
    runNow()
    return Promise.all(generations.map(async ({ over }) => over)).then(() => undefined)
  }

  return {
    added: (message) => {
      generation.open += 1
      message.generation = generation
      if (queue.waiting() >= flushAt) run()
      else schedule()
    },
    flush,
    wake: () => {
      pausedUntil = askedUntil
      runNow()
    },
    sendNow: (within) => {
      if (runtime.now() < askedUntil) return false
      const batch = queue.take(within)
      const fits = batch.length > 0 && batch[0] !== undefined && batch[0].bytes <= within.bytes
      if (fits) void attempt(batch).then(run)
      else queue.putBack(batch)
      return fits
    },
    close: () => {
      isClosing = true
      return flush()
    },
  }
}
