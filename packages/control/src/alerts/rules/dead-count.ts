import { defineFields } from '@millrace/component-kit'
import type { Infer } from '@millrace/component-kit'
import { defineAlertRule } from '../alert-rule.ts'
import type { Observation } from '../alert-rule.ts'
import { addReading, growthOf } from '../counter-history.ts'
import type { CounterHistory } from '../counter-history.ts'
import { formatDuration } from '../format-duration.ts'

const settings = defineFields({
  messages: {
    type: 'integer',
    label: 'Messages',
    description: 'Fires when so many messages died within the window.',
    example: 100,
    minimum: 1,
    default: 1,
  },
  windowMs: {
    type: 'integer',
    label: 'Window',
    description: 'Milliseconds over which dead messages are counted.',
    example: 86_400_000,
    minimum: 1000,
    maximum: 2_592_000_000,
    default: 3_600_000,
  },
})

export const deadCount = defineAlertRule({
  type: 'dead_count',
  name: 'Dead messages',
  description: 'How many messages of a destination died in a while.',
  subject: 'destination',
  needs: 'dead',
  settings,
  unit: 'messages',
  threshold: ({ messages }) => messages,
  observe({ dead }, { settings: { windowMs }, memory, nowMs }: Observation<Infer<typeof settings>, CounterHistory>) {
    if (dead === undefined) return { value: undefined, ...(memory !== undefined && { memory }) }
    const history = addReading(memory, [dead], { nowMs, windowMs, onDecrease: 'correction' })
    return { value: growthOf(history)[0] ?? 0, memory: history }
  },
  describe: (value, { windowMs }) => `${value} messages died in the last ${formatDuration(windowMs)}`,
})
