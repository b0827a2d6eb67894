export { isJsonObject } from './json.ts'
export type { Json, JsonObject } from './json.ts'
export { messageTypes } from './message.ts'
export type {
  AliasMessage,
  GroupMessage,
  IdentifyMessage,
  Message,
  MessageCommon,
  MessageType,
  PageMessage,
  ScreenMessage,
  TrackMessage,
} from './message.ts'

export { answerCodes, answers, rejectionCodes, rejections, statusOf } from './codes.ts'
export type { AnswerCode, ErrorCode, RejectionCode } from './codes.ts'
export { MillraceError } from './millrace-error.ts'
export type { MillraceErrorOptions, PathError } from './millrace-error.ts'

export { checkBatch } from './batch.ts'
export type { BatchBody } from './batch.ts'
export { exceedsDepth, maxNestingLevels } from './depth.ts'
export { typeOf } from './message-type.ts'
export { describeValue } from './problem.ts'
export type { Problem } from './problem.ts'
export { checkMessage } from './validate.ts'

export { maxMessageIdLength, messageIdOf, textId } from './ids.ts'
export type { MessageId, MessageIdFlag } from './ids.ts'
export { formatIsoTime, isCanonicalIsoTime, parseIsoTime } from './iso-time.ts'
export { correctTimes } from './timestamps.ts'
export type { CorrectedTimes, SentTimes } from './timestamps.ts'

export { defineProperties } from './property.ts'
export type { InferProperties, PropertySpec, PropertySpecs, PropertyType, Vendor } from './property.ts'
export { defineEvents } from './events/define-events.ts'
export type { EventSpec } from './events/define-events.ts'
export { standardEvents } from './events/dictionary.ts'
export type { EventCategory, PropertiesOf, StandardEvent, StandardEventName } from './events/dictionary.ts'
export { standardEventOf } from './events/standard-event-of.ts'
export { standardFormOf } from './standard-form.ts'
export type { StandardForm } from './standard-form.ts'
export { itemSpecOf, violationsOf } from './violations.ts'
export type { Violation, ViolationKind } from './violations.ts'
export { pageProperties, screenProperties, trackProperties } from './fields/call-properties.ts'
export { contextFields } from './fields/context-fields.ts'
export { messageFields } from './fields/message-fields.ts'
export { groupTraits, userTraits } from './fields/traits.ts'
export * from './api.ts'
export type * from './dead-letters.ts'
export type * from './redrive.ts'
export type * from './preview.ts'
export type * from './profiles.ts'
export type * from './replays.ts'
