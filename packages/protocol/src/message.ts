/**
 * The six messages of the Tracking API, as they look after ingestion: raw bytes with the overlay applied
 * (corrected times, string ids, batch context). Vocabulary: a *message* is what is sent; an *event* is a
 * track message.
 */

import type { Json, JsonObject } from './json.ts'

export type { Json, JsonObject }

export const messageTypes = ['identify', 'track', 'page', 'screen', 'group', 'alias'] as const
export type MessageType = (typeof messageTypes)[number]

/** Fields that every message has or may have. Times are ISO 8601 in UTC. */
export interface MessageCommon {
  messageId: string
  userId?: string
  anonymousId?: string
  context?: JsonObject
  integrations?: JsonObject | null
  /** When it happened, corrected for the client's clock. */
  timestamp: string
  originalTimestamp?: string
  sentAt?: string
  /** When Millrace received it. */
  receivedAt: string
  /** Clients add fields of their own (`channel`, `version`, `_metadata`, …): kept as sent. */
  [field: string]: Json | undefined
}

export interface IdentifyMessage extends MessageCommon {
  type: 'identify'
  traits?: JsonObject
}
export interface TrackMessage extends MessageCommon {
  type: 'track'
  event: string
  properties?: JsonObject
}
export interface PageMessage extends MessageCommon {
  type: 'page'
  name?: string
  category?: string
  properties?: JsonObject
}
export interface ScreenMessage extends MessageCommon {
  type: 'screen'
  name?: string
  category?: string
  properties?: JsonObject
}
export interface GroupMessage extends MessageCommon {
  type: 'group'
  groupId: string
  traits?: JsonObject
}
export interface AliasMessage extends MessageCommon {
  type: 'alias'
  previousId: string
}

export type Message = IdentifyMessage | TrackMessage | PageMessage | ScreenMessage | GroupMessage | AliasMessage
