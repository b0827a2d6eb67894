import type {
  ReplayAnswer,
  ReplayCounts,
  ReplayEstimate,
  ReplayFailure,
  ReplayPlan,
  ReplaysAnswer,
  ReplayStatus,
} from '@millrace/protocol'
import { count, counts, flag, listOf, objectOf, optional, text, time } from './json-schema-of.ts'
import type { SchemaOf } from './json-schema-of.ts'
import { previewSchema } from './preview-schemas.ts'

/** The JSON Schemas of the shapes in the protocol's `replays.ts`. */

const number = { type: 'number', minimum: 0 }

const statusProperties: SchemaOf<ReplayStatus> = {
  id: text,
  destination: text,
  state: { enum: ['running', 'paused', 'completed', 'cancelled'] },
  reason: optional(text),
  createdAt: time,
  endedAt: optional(time),
  from: time,
  to: time,
  source: optional(text),
  event: optional(text),
  user: optional(text),
  failedOnly: optional({ const: true }),
  messagesPerSecond: optional(number),
  newKeys: optional({ const: true }),
  progress: { type: 'number', minimum: 0, maximum: 1 },
  waitsFor: optional({ enum: ['live', 'paused', 'circuit'] }),
  counts: objectOf<ReplayCounts>({
    selected: count,
    delivered: count,
    filtered: counts,
    failed: counts,
    pending: count,
    exact: flag,
  }),
}

export const replayStatusSchema = objectOf<ReplayStatus>(statusProperties)

export const replaysSchema = objectOf<ReplaysAnswer>({ replays: listOf(replayStatusSchema) })

export const replayPlanSchema = objectOf<ReplayPlan>({
  estimate: objectOf<ReplayEstimate>({
    messages: count,
    selected: count,
    matching: count,
    sampled: flag,
    messagesPerSecond: number,
    durationMs: count,
  }),
  samples: listOf(previewSchema),
  replay: optional(replayStatusSchema),
})

export const replayAnswerSchema = objectOf<ReplayAnswer>({
  ...statusProperties,
  failures: listOf(
    objectOf<ReplayFailure>({
      messageId: text,
      action: text,
      reason: text,
      code: text,
      detail: text,
      attempts: count,
      at: time,
    }),
  ),
})
