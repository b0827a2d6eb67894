import type { WorkspaceAlert } from '../workspace/workspace.ts'
import type { AnyAlertRule } from './alert-rule.ts'
import { formatDuration } from './format-duration.ts'

/** What a notifier is told. A webhook gets it as JSON. */
export interface Notification {
  /** The same each time that it is sent. */
  id: string
  type: 'alert.firing' | 'alert.resolved' | 'alert.reminder' | 'alert.test'
  /** ISO time at which it was made. */
  timestamp: string
  data: {
    alert: string
    name: string
    /** The type of the alert. */
    rule: string
    subject: { kind: 'source' | 'destination'; id: string }
    /** Since when the alert fires, or fired; ISO time. */
    since: string
    value: number
    threshold: number
    unit: 'percent' | 'ms' | 'messages'
    /** All of it in a sentence. */
    message: string
  }
}

export type NotificationKind = 'firing' | 'resolved' | 'reminder' | 'test'

/** Puts what happened into words. */
export function notificationOf(
  kind: NotificationKind,
  alert: Pick<WorkspaceAlert, 'id' | 'name' | 'type' | 'settings'>,
  rule: AnyAlertRule,
  happened: {
    id: string
    subject: string
    sinceMs: number
    value: number
    threshold: number
    nowMs: number
    removed?: boolean
  },
): Notification {
  const { id, subject, sinceMs, value, threshold, nowMs, removed = false } = happened
  const head = `${alert.name}: ${rule.subject} ${subject}`
  const lasted = formatDuration(nowMs - sinceMs)
  const why = (): string => rule.describe(value, alert.settings)
  const sentences = {
    firing: () => `${head}: ${why()}.`,
    reminder: () => `${head}: ${why()}. This alert has been firing for ${lasted}.`,
    resolved: () =>
      removed
        ? `${head} is no longer watched by this alert, which had been firing for ${lasted}.`
        : `${head} is well again after ${lasted}.`,
    test: () => `${head}: this is a test, nothing has happened.`,
  }
  return {
    id,
    type: `alert.${kind}`,
    timestamp: new Date(nowMs).toISOString(),
    data: {
      alert: alert.id,
      name: alert.name,
      rule: alert.type,
      subject: { kind: rule.subject, id: subject },
      since: new Date(sinceMs).toISOString(),
      value,
      threshold,
      unit: rule.unit,
      message: sentences[kind](),
    },
  }
}
