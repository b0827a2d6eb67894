import type { MessageContext } from './message-context.ts'

/** Why a message will not arrive, and who reacts. */
export const errorCodes = [
  /** The server refused it, as a wrong write key or a body that is too large: read `reason`, correct what it says. */
  'refused',
  /** It was tried as often as the settings say, or the client was closed before it could be sent. */
  'given_up',
  /** The client was closed; whoever opens the spool next sends it. Callbacks alone hear of it. */
  'left_in_spool',
  /** The queue was full: wait for `hasRoom()`, or allow for more with `maxQueueMessages` or a spool. */
  'queue_full',
  /** The disk refused it: look at the folder of the spool. */
  'spool_failed',
  /** It has no event, nobody whom it is about, or the like: correct the call. */
  'invalid_message',
  /** It has more than 32 KiB as JSON: send less with it. */
  'message_too_large',
  /** It cannot be JSON, for a circle or a BigInt: correct the call. */
  'not_serializable',
  /** It was called after `close`. */
  'closed',
  /** A plugin, a middleware or a listener threw; the message went on without it. */
  'plugin_failed',
] as const

export type DeliveryErrorCode = (typeof errorCodes)[number]

/** What callbacks and listeners of `error` get. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError'
  readonly code: DeliveryErrorCode
  /** Of the last answer, where there was one. */
  readonly status: number | undefined
  /** The same text as `message`, as Segment's client calls it. */
  readonly reason: string
  /** The message that it is about. */
  ctx?: MessageContext

  constructor(
    code: DeliveryErrorCode,
    message: string,
    options: { status?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = options.status
    this.reason = message
  }
}
