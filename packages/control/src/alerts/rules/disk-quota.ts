import { defineFields } from '@millrace/component-kit'
import { defineAlertRule } from '../alert-rule.ts'

/** The warning before messages expire. What expires all the same is found by `dead_count`. */
export const diskQuota = defineAlertRule({
  type: 'disk_quota',
  name: 'Disk quota',
  description: 'How much of the disk quota the log takes that is kept for a destination.',
  subject: 'destination',
  needs: 'quota',
  settings: defineFields({
    percent: {
      type: 'number',
      label: 'Percent',
      description: 'Fires at this share of the quota and above. At 100 the oldest messages expire.',
      example: 50,
      minimum: 1,
      maximum: 100,
      default: 80,
    },
  }),
  unit: 'percent',
  threshold: ({ percent }) => percent,
  observe: ({ quotaPercent }) => ({ value: quotaPercent }),
  describe: (value) => `what it has not read takes ${Number(value.toFixed(1))} % of the disk quota`,
})
