import { createSender } from '@millrace/sdk-core'
import type { QueuedMessage, Runtime, Sender, Serialized, Settlement } from '@millrace/sdk-core'
import { attempt } from './dom.ts'
import type { PageWindow } from './dom.ts'
import { adoptAfterMs, createJournal } from './journal.ts'
import { webLock } from './one-sender.ts'
import type { Lock } from './one-sender.ts'
import { batchLimits, createTransport } from './transport.ts'

export interface DeliveryOptions {
  writeKey: string
  /** The address of the Tracking API, without `/v1/…`. */
  host: string
  /** Whether messages may be written down. */
  isDurable: boolean
  flushAt: number
  flushIntervalMs: number
  /** Bounds of the queue. */
  maxMessages: number
  maxBytes: number
  /** For browsers without locks. */
  lock?: Lock | undefined
  onRetry?: ((ids: string[], waitMs: number, last: Settlement) => void) | undefined
}

export interface Delivery extends Pick<Sender, 'flush'> {
  /** Takes a message over; false when the queue is full. From now on it is sent until the server has answered. */
  add: (message: Serialized, settled: (settlement: Settlement) => void) => boolean
}

/** Sends messages from the page, through reloads, offline times and other tabs. */
export const createDelivery = (win: PageWindow, runtime: Runtime, options: DeliveryOptions): Delivery => {
  const { writeKey, isDurable } = options
  const storage = isDurable ? attempt(() => win.localStorage) : undefined
  const prefix = `millrace.${writeKey}.`
  const pageId = runtime.newId()
  const journal = createJournal({ ...options, storage, prefix, pageId, now: runtime.now })
  const transport = createTransport(win, `${options.host}/v1/b`, writeKey, runtime)
  const lock = win.navigator.locks ? webLock : options.lock
  const { onRetry } = options

  const isGone = (message: QueuedMessage): boolean => message.attempts > 1 && !journal.isOpen(message)
  const sender = createSender({
    queue: journal,
    runtime,
    flushAt: options.flushAt,
    flushIntervalMs: options.flushIntervalMs,
    limits: batchLimits,
    exclusively: async (task) =>
      storage && lock
        ? lock({ name: `millrace-${writeKey}`, pageId, navigator: win.navigator, storage, runtime }, task)
        : task(),
    send: async (batch) => {
      // What another page has sent in the meantime is done with.
      const open = batch.filter((message) => !isGone(message))
      return open.length > 0 ? transport.send(open) : { status: 200 }
    },
    onRetry: (batch, waitMs, last) =>
      onRetry?.(
        batch.map(({ id }) => id),
        waitMs,
        last,
      ),
  })

  /** One request for what no request holds yet; it goes on when the page does not. */
  const leave = (): void => {
    for (let bytes = transport.keepaliveBytes(); journal.waiting() > 0 && bytes > 0; bytes = transport.keepaliveBytes())
      if (!sender.sendNow({ ...batchLimits, bytes })) break
  }
  const adopt = (): void => {
    if (journal.adopt()) runtime.setTimer(adopt, adoptAfterMs)
    sender.wake()
  }

  win.addEventListener('online', sender.wake)
  win.addEventListener('pagehide', leave)
  win.document.addEventListener('visibilitychange', () => {
    if (win.document.visibilityState === 'hidden') leave()
    else adopt()
  })
  win.addEventListener('pageshow', ({ persisted }) => {
    if (persisted) adopt()
  })
  adopt()

  return {
    flush: sender.flush,
    add: (serialized, settled) => {
      const message: QueuedMessage = { ...serialized, attempts: 0, settled }
      const isTaken = journal.add(message)
      if (isTaken) sender.added(message)
      return isTaken
    },
  }
}
