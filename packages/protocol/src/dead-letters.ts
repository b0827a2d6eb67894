import type { Position } from './api.ts'
import type { JsonObject } from './json.ts'

/** A message that an action of a destination will not get unless somebody acts, and why. */
export interface DeadLetterEntry {
  /** Names the letter within its destination: `<position>:<action>`. */
  id: string
  messageId: string
  position: Position
  source: string
  /** The name of the mapping. */
  action: string
  /** The reason within the ledger's term `dead`. */
  reason: string
  /** What the receiver or the check said. */
  code: string
  detail: string
  attempts: number
  firstAttemptAt?: string
  at: string
  /** How often it was redriven and died again. */
  redrives?: number
}

/** A text that may have been cut, and which part of it this is. */
export interface KeptText {
  text: string
  /** The size of the whole. */
  bytes: number
  /** Where `text` begins in the whole, when not at the start. */
  fromByte?: number
  /** True when something is missing. */
  cut?: boolean
}

/** A request that was sent, with its secrets masked. */
export interface SentRequest {
  method: string
  url: string
  headers: { [name: string]: string }
  body?: KeptText
  /** How many messages it held. */
  batchOf: number
}

/** What came back: an answer, or why there was none. */
export type ReceivedResponse =
  | { status: number; headers: { [name: string]: string }; body: KeptText }
  | { failure: string; code: string; message: string }

/** What is kept of a dead message beyond the log's retention, for a time of its own. */
export interface DeadLetterCopy {
  /** As destinations see it. */
  message: JsonObject
  /** The last request that held it; absent when none was sent. */
  request?: SentRequest
  response?: ReceivedResponse
}

/** One try to deliver that failed. */
export interface DeliveryAttempt {
  at: string
  durationMs: number
  /** What the receiver said, or what went wrong. */
  code: string
  /** The HTTP status, when there was one. */
  status?: number
}

/** One dead letter with all that is known of it. */
export interface DeadLetterDetail extends DeadLetterEntry {
  /** The attempts, oldest first; of many the first and the last ones. */
  history?: readonly DeliveryAttempt[]
  /** Absent when none was kept, or its time is over. */
  copy?: DeadLetterCopy
}

export interface DeadLettersAnswer {
  /** The latest in the log first. */
  entries: DeadLetterEntry[]
  /** Give it as `before` for older ones; absent when there is none. */
  next?: Position
}

/** Dead letters that one change may repair: of the same action, reason and code. */
export interface DeadLetterCause {
  action: string
  reason: string
  code: string
  count: number
  firstAt: string
  lastAt: string
  /** One of them, the latest in the log. */
  sample: { messageId: string; detail: string }
}

export interface DeadLetterCausesAnswer {
  /** The most frequent first. */
  causes: DeadLetterCause[]
  /** How many letters were read. */
  counted: number
  /** False when there are older ones that were not read. */
  complete: boolean
}
