export { uuidOf } from './runtime.ts'
export type { Runtime } from './runtime.ts'
export type {
  Integrations,
  Json,
  JsonObject,
  MessageFields,
  MessageOptions,
  MessageType,
  OutgoingMessage,
} from './message.ts'
export { buildMessage } from './build-message.ts'
export { problemOf, serializeMessage } from './serialize-message.ts'
export type { InvalidMessage, Serialized } from './serialize-message.ts'
export { utf8Bytes } from './utf8-bytes.ts'
export { maxBatchBytes, maxBatchMessages, maxMessageBytes } from './limits.ts'
export { batchOf } from './message-queue.ts'
export type { BatchLimits, MessageQueue, QueuedMessage, Settlement } from './message-queue.ts'
export { createMemoryQueue } from './memory-queue.ts'
export type { MemoryQueue, MemoryQueueOptions } from './memory-queue.ts'
export { createSender } from './sender.ts'
export type { Sender, SenderOptions } from './sender.ts'
export { retryAfterMs, verdictOf } from './answer.ts'
export type { Answer, Verdict } from './answer.ts'
export { backoffMs, defaultBackoff } from './backoff.ts'
export type { Backoff } from './backoff.ts'
export { createEmitter } from './emitter.ts'
export type { Emitter, Listener } from './emitter.ts'
export { andThen, isPromise } from './maybe-promise.ts'
export type { MaybePromise } from './maybe-promise.ts'
export { runMiddleware } from './middleware.ts'
export type { Middleware, MiddlewareCall, MiddlewarePayload } from './middleware.ts'
export { createPipeline } from './plugins.ts'
export type { Context, Pipeline, Plugin, PluginCall } from './plugins.ts'
