import type { Json, JsonObject, MessageType } from '@millrace/protocol'

/** Which destinations a message goes to: `All`, a destination's name or id; `false`, or options for it. */
export type Integrations = { [destination: string]: boolean | JsonObject }

/** The fields that a call gives, beside what every message has. */
export interface MessageFields {
  userId?: string | null | undefined
  anonymousId?: string | null | undefined
  event?: string
  name?: string
  category?: string
  groupId?: string
  previousId?: string
  properties?: object
  traits?: object
  context?: { [name: string]: unknown }
  integrations?: Integrations
}

/** A message as an SDK makes it, before it is serialised. Its time is the client's; the server corrects it. */
export interface OutgoingMessage extends MessageFields {
  type: MessageType
  messageId: string
  /** ISO 8601, UTC. */
  timestamp: string
  /** Fields of the application's own are sent as they are. */
  [field: string]: unknown
}

/** What any call may say about its one message. */
export interface MessageOptions {
  userId?: string
  anonymousId?: string
  messageId?: string
  /** When it happened, if not now. */
  timestamp?: Date | string | number
  context?: { [name: string]: unknown }
  integrations?: Integrations
}

export type { Json, JsonObject, MessageType }
