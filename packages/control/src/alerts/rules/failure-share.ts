import { defineFields } from '@millrace/component-kit'
import type { Infer } from '@millrace/component-kit'
import { defineAlertRule } from '../alert-rule.ts'
import type { Observation } from '../alert-rule.ts'
import { addReading, growthOf } from '../counter-history.ts'
import type { CounterHistory } from '../counter-history.ts'
import { formatDuration } from '../format-duration.ts'

const settings = defineFields({
  percent: {
    type: 'number',
    label: 'Percent',
    description: 'Fires at this share of failed attempts and above.',
    example: 20,
    minimum: 0.001,
    maximum: 100,
    required: true,
  },
  windowMs: {
    type: 'integer',
    label: 'Window',
    description: 'Milliseconds of attempts that are counted.',
    example: 600_000,
    minimum: 1000,
    maximum: 86_400_000,
    default: 300_000,
  },
  minAttempts: {
    type: 'integer',
    label: 'Attempts',
    description: 'With fewer attempts in the window there is no alarm.',
    example: 100,
    minimum: 1,
    default: 10,
  },
})

/**
 * A receiver that fails is tried less and less often, and a stopped one not at all: so few attempts say nothing new, unless they
 * succeed. An alert that fires ends with deliveries that succeed, or when for a whole window nothing failed and nothing waits.
 */
export const failureShare = defineAlertRule({
  type: 'failure_share',
  name: 'Failure share',
  description: 'How many of the delivery attempts of a destination fail.',
  subject: 'destination',
  needs: 'attempts',
  settings,
  unit: 'percent',
  threshold: ({ percent }) => percent,
  observe(
    { attempts, state },
    {
      settings: { percent, windowMs, minAttempts },
      memory,
      nowMs,
    }: Observation<Infer<typeof settings>, CounterHistory>,
  ) {
    if (attempts === undefined) return { value: undefined, ...(memory !== undefined && { memory }) }
    const counters = [attempts.all, attempts.failed]
    const history = addReading(memory, counters, { nowMs, windowMs, onDecrease: 'restart' })
    const [all = 0, failed = 0] = growthOf(history)
    // A process that has tried nothing yet runs, and knows nothing.
    const isWell = state === 'disabled' || (state === 'running' && attempts.all > 0)
    if (all === 0 || state === 'disabled') return { value: isWell ? 0 : undefined, memory: history }
    const value = (100 * failed) / all
    const isEnough = all >= minAttempts || value < percent
    return { value: isEnough ? value : undefined, memory: history }
  },
  describe: (value, { windowMs }) =>
    `${Number(value.toFixed(1))} % of the delivery attempts of the last ${formatDuration(windowMs)} failed`,
})
