import type { Position } from './api.ts'

/** A message that an action of a destination will not get unless somebody acts, and why. */
export interface DeadLetterEntry {
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
