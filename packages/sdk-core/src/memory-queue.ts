import { batchOf } from './message-queue.ts'
import type { MessageQueue, QueuedMessage } from './message-queue.ts'

export interface MemoryQueueOptions {
  maxMessages: number
  /** Of the messages as JSON in UTF-8. */
  maxBytes: number
}

/** A queue in memory with a bound. Messages on their way count for the bound: they are still held. */
export interface MemoryQueue extends MessageQueue {
  /** False when it is full: the message was not taken. */
  add: (message: QueuedMessage) => boolean
  /** Resolves when a message may be added again; at once while there is room. */
  hasRoom: () => Promise<void>
  /** Messages held, waiting or on their way. */
  size: () => number
}

export const createMemoryQueue = ({ maxMessages, maxBytes }: MemoryQueueOptions): MemoryQueue => {
  let waiting: QueuedMessage[] = []
  // Taking from the front of a long array moves the rest each time, so what is taken is only cut off now and then.
  let first = 0
  let count = 0
  let bytes = 0
  let waiters: (() => void)[] = []

  return {
    waiting: () => waiting.length - first,
    size: () => count,
    add: (message) => {
      if (count >= maxMessages || bytes + message.bytes > maxBytes) return false
      waiting.push(message)
      count += 1
      bytes += message.bytes
      return true
    },
    hasRoom: () =>
      count < maxMessages && bytes < maxBytes
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiters.push(resolve)
          }),
    take: (limits) => {
      const batch = batchOf(waiting.slice(first, first + limits.messages), limits)
      first += batch.length
      if (first > 1024 && first * 2 > waiting.length) {
        waiting = waiting.slice(first)
        first = 0
      }
      return batch
    },
    putBack: (batch) => {
      waiting = [...batch, ...waiting.slice(first)]
      first = 0
    },
    remove: (batch) => {
      count -= batch.length
      for (const message of batch) bytes -= message.bytes
      if (waiters.length === 0 || count >= maxMessages || bytes >= maxBytes) return
      const woken = waiters
      waiters = []
      for (const wake of woken) wake()
    },
  }
}
