import type { JsonObject, Violation } from '@millrace/protocol'

/**
 * What ingestion found out about one message, stored beside its raw bytes so that later stages need not parse them:
 * its identifiers, and the *overlay*, the changes that turn the raw bytes into the message.
 */
export interface Envelope {
  messageId: string
  userId?: string
  anonymousId?: string
  groupId?: string
  previousId?: string
  /** Top-level fields that the overlay sets (corrected times, ids that were numbers, the type of the route). */
  set?: JsonObject
  /** Fills `context.ip` where the message has none. */
  ip?: string
  /** Fills `context.userAgent` where the message has none. */
  userAgent?: string
  /** What was odd: `message_id_assigned`, `message_id_hashed`, … */
  flags?: readonly string[]
  /** Where the properties differ from the standard event, at most 20; absent where they do not. The row has a flag for it. */
  violations?: readonly Violation[]
}

/** What a batch said for all its messages. Stored once per block, however many messages share it. */
export interface BatchDefaults {
  context?: JsonObject
  integrations?: JsonObject
}

/** A user agent, read once per distinct text. */
export interface ClientInfo {
  browser?: string
  browserVersion?: string
  os?: string
  osVersion?: string
  /** mobile, tablet, … as user agents say; absent for desktops. */
  device?: string
  bot?: boolean
}

/** What the rows of a block refer to by index. */
export interface BlockDictionary {
  sources: string[]
  events: string[]
  /** The standard event of each entry of `events`, or null. */
  standardEvents: (string | null)[]
  /** The category of each standard event, or null. Blocks of older versions have no such list. */
  categories?: (string | null)[]
  batches: BatchDefaults[]
  clients: ClientInfo[]
}

/** Why something was refused; stored as a row of the block beside the messages that were accepted. */
export interface Rejection {
  code: string
  reason: string
  /** Where in the message or batch, such as `batch[3].event`. */
  path?: string
  /** SHA-256 of the whole refused body, hex. */
  bodyHash?: string
  bodyBytes?: number
  /** The write key's last characters when no source has it. */
  keyHint?: string
  /** How many refusals this row stands for; above 1 when a quota kept the others from being stored one by one. */
  count: number
}
