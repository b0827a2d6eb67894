import type { NotifierStatus } from '@millrace/protocol'
import type { StateStore, StateTransaction } from '@millrace/storage'
import type { WorkspaceNotifier } from '../workspace/workspace.ts'
import type { AlertClock } from './clock.ts'
import type { Notification } from './notification.ts'

/** Resolves when the notifier has taken the notification; rejects with a message for people. */
export type SendNotification = (
  notifier: WorkspaceNotifier,
  notification: Notification,
  signal: AbortSignal,
) => Promise<void>

interface WaitingNotification {
  notification: Notification
  attempts: number
  firstAttemptMs?: number
  nextAttemptMs: number
}

interface NotifierRecord {
  lastSentMs?: number
  lastError?: { atMs: number; message: string; attempts: number; nextAttemptMs?: number }
}

interface Running {
  notifier: WorkspaceNotifier
  /** Stops the timer of the next attempt. */
  cancel: () => void
  sending: Promise<void> | undefined
  /** Something may have come after the queue was looked at. */
  again: boolean
  /** The settings are new, or the program is: the first attempt does not wait. */
  isFresh: boolean
  abort: AbortController
}

const waitingSpace = 'alert_notifications'
const notifierSpace = 'alert_notifiers'

const firstDelayMs = 1000
const maxDelayMs = 600_000
/** A notification that could not be sent for so long is given up: its news is old. */
const giveUpAfterMs = 86_400_000

/**
 * What notifiers are to be told, in the store until they have taken it. Each notifier has its own queue: in order, one at a
 * time, tried again after a growing pause. None waits for another.
 */
export class NotificationQueue {
  readonly #state: StateStore
  readonly #send: SendNotification
  readonly #clock: AlertClock
  readonly #warn: (message: string) => void
  readonly #running = new Map<string, Running>()
  #number = 0
  #stopped = false

  constructor(options: {
    state: StateStore
    send: SendNotification
    clock: AlertClock
    warn: (message: string) => void
  }) {
    this.#state = options.state
    this.#send = options.send
    this.#clock = options.clock
    this.#warn = options.warn
  }

  /** Takes over the notifiers of a workspace. What waits for one that is gone is dropped; a changed one is tried at once. */
  async use(notifiers: readonly WorkspaceNotifier[]): Promise<void> {
    const wanted = new Map(notifiers.map((notifier) => [notifier.id, notifier]))
    for (const [id, running] of this.#running) {
      const next = wanted.get(id)
      if (next !== undefined && JSON.stringify(next) === JSON.stringify(running.notifier)) continue
      running.cancel()
      running.abort.abort()
      await running.sending
      this.#running.delete(id)
    }
    const stored = await this.#state.scan(waitingSpace, { limit: 1_000_000 })
    const known = new Set([...stored, ...(await this.#state.scan(notifierSpace))].map(({ key }) => String(key[0])))
    const gone = [...known].filter((id) => !wanted.has(id))
    if (gone.length > 0) {
      await this.#state.transaction((tx) => {
        for (const { key } of stored) if (!wanted.has(String(key[0]))) tx.delete(waitingSpace, key)
        for (const id of gone) tx.delete(notifierSpace, [id])
      })
    }
    for (const [id, notifier] of wanted) {
      if (this.#running.has(id)) continue
      const abort = new AbortController()
      this.#running.set(id, { notifier, cancel: () => {}, sending: undefined, again: false, isFresh: true, abort })
      this.#wake(id)
    }
  }

  /** Writes a notification for a notifier; call `wake` after the commit. */
  put(tx: StateTransaction, notifier: string, notification: Notification): void {
    const nowMs = this.#clock.now()
    // Grows by itself, and over restarts with the clock.
    this.#number = Math.max(this.#number + 1, nowMs * 1000)
    putWaiting(tx, notifier, this.#number, { notification, attempts: 0, nextAttemptMs: nowMs })
  }

  has(notifier: string): boolean {
    return this.#running.has(notifier)
  }

  wake(): void {
    for (const id of this.#running.keys()) this.#wake(id)
  }

  async statuses(): Promise<NotifierStatus[]> {
    const iso = (ms: number): string => new Date(ms).toISOString()
    return Promise.all(
      [...this.#running.values()].map(async ({ notifier: { id, type } }) => {
        const { lastSentMs, lastError } = await this.#record(id)
        return {
          notifier: id,
          type,
          waiting: (await this.#state.scan(waitingSpace, { prefix: [id] })).length,
          ...(lastSentMs !== undefined && { lastSentAt: iso(lastSentMs) }),
          ...(lastError && {
            lastError: {
              at: iso(lastError.atMs),
              message: lastError.message,
              attempts: lastError.attempts,
              ...(lastError.nextAttemptMs !== undefined && { nextAttemptAt: iso(lastError.nextAttemptMs) }),
            },
          }),
        }
      }),
    )
  }

  /** Ends what is being sent; it is sent again after the next start. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const { cancel, abort } of this.#running.values()) {
      cancel()
      abort.abort()
    }
    await Promise.all([...this.#running.values()].map(async ({ sending }) => sending))
  }

  #wake(id: string): void {
    const running = this.#running.get(id)
    if (running === undefined || this.#stopped) return
    running.again = running.sending !== undefined
    if (running.again) return
    running.cancel()
    running.sending = this.#run(running)
  }

  async #run(running: Running): Promise<void> {
    const { id } = running.notifier
    let pauseMs: number | undefined = maxDelayMs
    try {
      pauseMs = await this.#sendAll(running)
    } catch (error) {
      this.#warn(`notifications of "${id}" could not be sent: ${String(error)}`)
    }
    running.sending = undefined
    if (this.#stopped || this.#running.get(id) !== running) return
    if (running.again) this.#wake(id)
    else if (pauseMs !== undefined) running.cancel = this.#clock.after(pauseMs, () => this.#wake(id))
  }

  /** Sends what waits, in order. Gives the pause after which to go on; undefined when nothing is left. */
  async #sendAll(running: Running): Promise<number | undefined> {
    const { notifier, abort } = running
    const { signal } = abort
    const { id } = notifier
    for (;;) {
      const [entry] = await this.#state.scan(waitingSpace, { prefix: [id], limit: 1 })
      if (entry === undefined || signal.aborted) return undefined
      const number = Number(entry.key[1])
      const waiting = JSON.parse(Buffer.from(entry.value).toString()) as WaitingNotification
      const startMs = this.#clock.now()
      if (waiting.nextAttemptMs > startMs && !running.isFresh) return waiting.nextAttemptMs - startMs
      running.isFresh = false
      try {
        await this.#send(notifier, waiting.notification, signal)
      } catch (error) {
        if (signal.aborted) return undefined
        await this.#failed(id, number, waiting, error instanceof Error ? error.message : String(error))
        continue
      }
      const lastSentMs = this.#clock.now()
      await this.#state.transaction((tx) => {
        tx.delete(waitingSpace, [id, number])
        putNotifier(tx, id, { lastSentMs })
      })
    }
  }

  async #failed(id: string, number: number, waiting: WaitingNotification, message: string): Promise<void> {
    const nowMs = this.#clock.now()
    const attempts = waiting.attempts + 1
    const firstAttemptMs = waiting.firstAttemptMs ?? nowMs
    const nextAttemptMs = nowMs + Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(attempts - 1, 20))
    const isOver = nextAttemptMs - firstAttemptMs > giveUpAfterMs
    if (attempts === 1 || isOver) {
      const what = isOver ? `is given up after ${attempts} attempts` : 'failed and is tried again'
      this.#warn(`notification of alert "${waiting.notification.data.alert}" to "${id}" ${what}: ${message}`)
    }
    const record = await this.#record(id)
    const lastError = { atMs: nowMs, message, attempts, ...(!isOver && { nextAttemptMs }) }
    await this.#state.transaction((tx) => {
      if (isOver) tx.delete(waitingSpace, [id, number])
      else putWaiting(tx, id, number, { ...waiting, attempts, firstAttemptMs, nextAttemptMs })
      putNotifier(tx, id, { ...record, lastError })
    })
  }

  async #record(id: string): Promise<NotifierRecord> {
    const stored = await this.#state.get(notifierSpace, [id])
    return stored === undefined ? {} : (JSON.parse(Buffer.from(stored).toString()) as NotifierRecord)
  }
}

const putWaiting = (tx: StateTransaction, notifier: string, number: number, waiting: WaitingNotification): void =>
  tx.put(waitingSpace, [notifier, number], Buffer.from(JSON.stringify(waiting)))

const putNotifier = (tx: StateTransaction, notifier: string, record: NotifierRecord): void =>
  tx.put(notifierSpace, [notifier], Buffer.from(JSON.stringify(record)))
