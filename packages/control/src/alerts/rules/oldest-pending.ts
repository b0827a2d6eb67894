import { defineFields } from '@millrace/component-kit'
import { defineAlertRule } from '../alert-rule.ts'
import { formatDuration } from '../format-duration.ts'

export const oldestPending = defineAlertRule({
  type: 'oldest_pending',
  name: 'Oldest pending message',
  description: 'How long the oldest message waits for a destination, since it was received.',
  subject: 'destination',
  needs: 'oldestPending',
  settings: defineFields({
    ageMs: {
      type: 'integer',
      label: 'Age',
      description: 'Fires when a message waits for so many milliseconds.',
      example: 900_000,
      minimum: 1,
      required: true,
    },
  }),
  unit: 'ms',
  threshold: ({ ageMs }) => ageMs,
  observe({ oldestPendingMs }, { nowMs }) {
    if (oldestPendingMs === undefined) return { value: undefined }
    return { value: oldestPendingMs === null ? 0 : Math.max(0, nowMs - oldestPendingMs) }
  },
  describe: (value) => `the oldest message has waited for ${formatDuration(value)}`,
})
