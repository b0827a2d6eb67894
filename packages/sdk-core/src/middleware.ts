import { andThen } from './maybe-promise.ts'
import type { MaybePromise } from './maybe-promise.ts'
import type { Integrations, OutgoingMessage } from './message.ts'

/** What a middleware gets and hands on; the message is in `obj`, and it may be changed in place. */
export interface MiddlewarePayload {
  obj: OutgoingMessage
}

export interface MiddlewareCall {
  payload: MiddlewarePayload
  /** Hands the message on; `null`, or never calling it, drops it. */
  next: (payload?: MiddlewarePayload | null) => void
  integrations: Integrations
  /** The destination, in middleware of destinations. */
  integration?: string
}

/** A function on the way of each message: `({ payload, next }) => next(payload)`. It may be asynchronous. */
export type Middleware = (call: MiddlewareCall) => unknown

/**
 * Runs a message through functions, in order. Gives the message, or null when one of them dropped it. A function that
 * throws is reported and passed over: a fault in it must not cost messages.
 */
export const runMiddleware = (
  chain: readonly Middleware[],
  message: OutgoingMessage,
  report: (error: unknown) => void,
  integration?: string,
): MaybePromise<OutgoingMessage | null> => {
  const [first, ...rest] = chain
  if (first === undefined) return message
  const given = runOne(first, message, report, integration)
  return andThen(given, (result) => (result === null ? null : runMiddleware(rest, result, report, integration)))
}

const runOne = (
  middleware: Middleware,
  message: OutgoingMessage,
  report: (error: unknown) => void,
  integration?: string,
): MaybePromise<OutgoingMessage | null> => {
  let result: OutgoingMessage | null = null
  const next: MiddlewareCall['next'] = (payload) => {
    result = payload === null ? null : (payload?.obj ?? message)
  }
  const passedOver = (error: unknown): OutgoingMessage => {
    report(error)
    return message
  }
  try {
    const done = middleware({
      payload: { obj: message },
      next,
      integrations: message.integrations ?? {},
      ...(integration !== undefined && { integration }),
    })
    const ended = andThen(done, () => result)
    return ended === null || !('then' in ended) ? ended : Promise.resolve(ended).catch(passedOver)
  } catch (error) {
    return passedOver(error)
  }
}
