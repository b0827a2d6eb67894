import { createMemoryQueue } from '@millrace/sdk-core'
import type { MessageQueue, QueuedMessage } from '@millrace/sdk-core'

/** Where the messages of one `Analytics` wait, in memory or on disk. */
export interface BoundedQueue extends MessageQueue {
  /** False when it is full: the message was not taken. Throws when the disk refuses it. */
  add: (message: QueuedMessage) => boolean
  /** The sender has taken note of a message that was added. */
  noted: (message: QueuedMessage) => void
  /** How full it is; 1 is full. */
  fill: () => number
  /** Messages held, waiting or on their way. */
  size: () => number
  /** The messages were given up because the client closes; a queue that outlives the process keeps them. */
  abandon: (batch: readonly QueuedMessage[]) => void
  /** Takes out what waits and would be lost when the process ends. */
  rest: () => QueuedMessage[]
  close: () => void
}

export const createBoundedMemoryQueue = (maxMessages: number, maxBytes: number): BoundedQueue => {
  const queue = createMemoryQueue({ maxMessages, maxBytes })
  let bytes = 0
  return {
    ...queue,
    add: (message) => {
      const isTaken = queue.add(message)
      if (isTaken) bytes += message.bytes
      return isTaken
    },
    remove: (batch) => {
      for (const message of batch) bytes -= message.bytes
      queue.remove(batch)
    },
    noted: () => undefined,
    fill: () => Math.max(queue.size() / maxMessages, bytes / maxBytes),
    abandon: () => undefined,
    rest: () => queue.take({ messages: Infinity, bytes: Infinity }),
    close: () => undefined,
  }
}
