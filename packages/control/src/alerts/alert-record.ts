import type { StateReader, StateTransaction } from '@millrace/storage'
import type { RuleMemory } from './alert-rule.ts'

/**
 * What the control process remembers of alerts, in its state store:
 *
 *   alerts               [alert, subject]    AlertRecord
 *   alert_notifications  [notifier, number]  WaitingNotification (notification-queue.ts)
 *   alert_notifiers      [notifier]          NotifierRecord (notification-queue.ts)
 *
 * A change of state and the notifications that tell of it are written in one transaction: after a crash both are there or
 * neither is, so that nobody is told twice and nobody is forgotten.
 */
export interface AlertRecord {
  /** The rule: an alert that gets another one begins anew. */
  type: string
  state: 'ok' | 'firing' | 'resolved'
  /** Milliseconds since 1970: since when it is in that state. */
  sinceMs: number
  /** Since when the value is at or above the threshold, while it is. */
  breachedSinceMs?: number
  /** What was found last, and when it was looked. */
  value?: number
  threshold?: number
  atMs: number
  memory?: RuleMemory
  lastNotification?: { kind: 'firing' | 'resolved' | 'reminder'; atMs: number }
  /** While it fires: who was told, and is told of the end. */
  told?: readonly string[]
}

const space = 'alerts'

/** Alert, subject, record. */
export async function readAlertRecords(
  state: StateReader,
): Promise<{ alert: string; subject: string; record: AlertRecord }[]> {
  const entries = await state.scan(space, { limit: 1_000_000 })
  return entries.map(({ key: [alert = '', subject = ''], value }) => ({
    alert: String(alert),
    subject: String(subject),
    record: JSON.parse(Buffer.from(value).toString()) as AlertRecord,
  }))
}

export const putAlertRecord = (tx: StateTransaction, alert: string, subject: string, record: AlertRecord): void =>
  tx.put(space, [alert, subject], Buffer.from(JSON.stringify(record)))

export const deleteAlertRecord = (tx: StateTransaction, alert: string, subject: string): void =>
  tx.delete(space, [alert, subject])
