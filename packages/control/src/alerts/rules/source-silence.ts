import { defineFields } from '@millrace/component-kit'
import type { Infer } from '@millrace/component-kit'
import type { JsonObject } from '@millrace/protocol'
import { defineAlertRule } from '../alert-rule.ts'
import type { Observation } from '../alert-rule.ts'
import { formatDuration } from '../format-duration.ts'

interface Silence extends JsonObject {
  accepted: number
  /** Milliseconds since 1970. */
  sinceMs: number
}

const settings = defineFields({
  silentMs: {
    type: 'integer',
    label: 'Silence',
    description: 'Fires after so many milliseconds without a message.',
    example: 3_600_000,
    minimum: 1,
    required: true,
  },
})

/** Silence is what this server heard nothing in: the time in which it was down does not count. */
export const sourceSilence = defineAlertRule({
  type: 'source_silence',
  name: 'Silent source',
  description: 'How long a source has sent nothing that was accepted.',
  subject: 'source',
  needs: 'accepted',
  settings,
  unit: 'ms',
  threshold: ({ silentMs }) => silentMs,
  observe({ accepted }, { memory, nowMs, unwatchedMs }: Observation<Infer<typeof settings>, Silence>) {
    if (accepted === undefined) return { value: undefined, ...(memory !== undefined && { memory }) }
    const silence: Silence =
      memory?.accepted === accepted
        ? { accepted, sinceMs: Math.min(nowMs, memory.sinceMs + unwatchedMs) }
        : { accepted, sinceMs: nowMs }
    return { value: nowMs - silence.sinceMs, memory: silence }
  },
  describe: (value) => `no message was accepted for ${formatDuration(value)}`,
})
