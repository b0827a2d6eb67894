import type { AlertStatus, AlertSubjectStatus } from '@millrace/protocol'
import type { WorkspaceAlert } from '../workspace/workspace.ts'
import type { AlertRecord } from './alert-record.ts'
import { alertRules } from './alert-rules.ts'

/** The alerts as the API shows them, each with the state of what it watches. */
export function alertStatuses(
  alerts: readonly WorkspaceAlert[],
  records: readonly { alert: string; subject: string; record: AlertRecord }[],
): AlertStatus[] {
  return alerts.flatMap(({ id, name, type, enabled, notify, settings, subjects }) => {
    const rule = alertRules[type]
    if (rule === undefined) return []
    const recordOf = (subject: string) =>
      records.find((each) => each.alert === id && each.subject === subject && each.record.type === type)?.record
    return [
      {
        alert: id,
        name,
        type,
        enabled,
        notify,
        unit: rule.unit,
        threshold: rule.threshold(settings),
        subjects: subjects.map((subject) => subjectStatus(subject, recordOf(subject))),
      },
    ]
  })
}

function subjectStatus(subject: string, record: AlertRecord | undefined): AlertSubjectStatus {
  if (record === undefined) return { subject, state: 'ok' }
  const { state, sinceMs, value, atMs, lastNotification } = record
  return {
    subject,
    state,
    since: iso(sinceMs),
    ...(value !== undefined && { value }),
    at: iso(atMs),
    ...(lastNotification && {
      lastNotification: { kind: lastNotification.kind, at: iso(lastNotification.atMs) },
    }),
  }
}

const iso = (ms: number): string => new Date(ms).toISOString()
