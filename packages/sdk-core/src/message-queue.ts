import type { Serialized } from './serialize-message.ts'

/** What finally became of a message. */
export interface Settlement {
  kind: 'delivered' | 'refused' | 'given_up'
  /** Of the last answer; none when there was no answer. */
  status?: number | undefined
  /** Why there was no answer. */
  error?: unknown
}

/** A message that waits to be sent, or is on its way. It keeps its id however often it is sent. */
export interface QueuedMessage extends Serialized {
  /** Times that it was sent. */
  attempts: number
  /** Called once, when it is delivered or will never be. */
  settled?: ((settlement: Settlement) => void) | undefined
  /** Kept by the sender. */
  generation?: Generation
}

/** Messages added between two flushes: each flush waits for those that came before it. */
export interface Generation {
  /** Not settled yet. */
  open: number
  over?: Promise<void>
  done?: () => void
}

/** How much one batch may hold. */
export interface BatchLimits {
  messages: number
  bytes: number
}

/** Where messages wait. What is taken is still the queue's until it is removed or put back. */
export interface MessageQueue {
  /** Messages that wait, those on their way not counted. While it is not 0, `take` gives some. */
  waiting: () => number
  /** The oldest messages, as many as a batch may hold, and at least one if any waits. */
  take: (limits: BatchLimits) => QueuedMessage[]
  /** They wait again, before all others. */
  putBack: (batch: readonly QueuedMessage[]) => void
  /** They are done with. */
  remove: (batch: readonly QueuedMessage[]) => void
}

/** The first messages that fit into a batch, and at least one. A comma stands between two. */
export const batchOf = <M extends { bytes: number }>(messages: readonly M[], limits: BatchLimits): M[] => {
  let bytes = 0
  let count = 0
  for (const message of messages) {
    bytes += message.bytes + 1
    if (count > 0 && (count >= limits.messages || bytes > limits.bytes)) break
    count += 1
  }
  return messages.slice(0, count)
}
