import type {
  DeadLetterCopy,
  DeadLetterDetail,
  DeadLetterEntry,
  DeliveryAttempt,
  KeptText,
  SentRequest,
} from '@millrace/protocol'
import { anyObject, count, flag, listOf, objectOf, optional, text, time } from './json-schema-of.ts'
import type { SchemaOf } from './json-schema-of.ts'

const entry: SchemaOf<DeadLetterEntry> = {
  id: text,
  messageId: text,
  position: text,
  source: text,
  action: text,
  reason: text,
  code: text,
  detail: text,
  attempts: count,
  firstAttemptAt: optional(time),
  at: time,
  redrives: optional(count),
}

const headers = { type: 'object', additionalProperties: text }
const keptText = objectOf<KeptText>({ text, bytes: count, fromByte: optional(count), cut: optional(flag) })
const copy = objectOf<DeadLetterCopy>({
  message: anyObject,
  request: optional(
    objectOf<SentRequest>({ method: text, url: text, headers, body: optional(keptText), batchOf: count }),
  ),
  response: optional({
    anyOf: [
      objectOf<{ status: number; headers: object; body: KeptText }>({ status: count, headers, body: keptText }),
      objectOf<{ failure: string; code: string; message: string }>({ failure: text, code: text, message: text }),
    ],
  }),
})

export const deadLetterSchema = objectOf<DeadLetterEntry>(entry)
export const deadLetterDetailSchema = objectOf<DeadLetterDetail>({
  ...entry,
  history: optional(
    listOf(objectOf<DeliveryAttempt>({ at: time, durationMs: count, code: text, status: optional(count) })),
  ),
  copy: optional(copy),
})
