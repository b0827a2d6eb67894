import type { AlertsAnswer, AlertStatus, AlertSubjectStatus, AlertTestAnswer, NotifierStatus } from '@millrace/protocol'
import { count, flag, listOf, objectOf, optional, text, time } from './json-schema-of.ts'

const number = { type: 'number' }

export const alertsSchema = objectOf<AlertsAnswer>({
  alerts: listOf(
    objectOf<AlertStatus>({
      alert: text,
      name: text,
      type: text,
      enabled: flag,
      notify: listOf(text),
      unit: { enum: ['percent', 'ms', 'messages'] },
      threshold: number,
      subjects: listOf(
        objectOf<AlertSubjectStatus>({
          subject: text,
          state: { enum: ['ok', 'firing', 'resolved'] },
          since: optional(time),
          value: optional(number),
          at: optional(time),
          lastNotification: optional(
            objectOf<NonNullable<AlertSubjectStatus['lastNotification']>>({
              kind: { enum: ['firing', 'resolved', 'reminder'] },
              at: time,
            }),
          ),
        }),
      ),
    }),
  ),
  notifiers: listOf(
    objectOf<NotifierStatus>({
      notifier: text,
      type: text,
      waiting: count,
      lastSentAt: optional(time),
      lastError: optional(
        objectOf<NonNullable<NotifierStatus['lastError']>>({
          at: time,
          message: text,
          attempts: count,
          nextAttemptAt: optional(time),
        }),
      ),
    }),
  ),
})

export const alertTestSchema = objectOf<AlertTestAnswer>({
  alert: text,
  results: listOf(
    objectOf<AlertTestAnswer['results'][number]>({ notifier: text, sent: flag, message: optional(text) }),
  ),
})
