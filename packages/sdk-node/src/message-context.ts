import type { OutgoingMessage, QueuedMessage } from '@millrace/sdk-core'

/** A message that was called, for callbacks and listeners. */
export interface MessageContext {
  /** Its messageId. */
  readonly id: string
  /** As it was sent. */
  readonly event: OutgoingMessage
}

/** Read back from what was sent, when somebody looks. */
export const contextOf = (message: QueuedMessage): MessageContext => ({
  get id() {
    return message.id
  },
  get event() {
    return JSON.parse(message.json) as OutgoingMessage
  },
})
