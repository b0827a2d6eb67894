import type { Message } from '@millrace/protocol'
import type { Attempt } from './attempt-history.ts'
import type { Failure } from './delivery.ts'

/**
 * A delivery that waits outside of its lane: the cursor has passed it, its outcome is `parked`, and this row says when it goes on.
 * Its message stays in the log, and is mapped again when it is due.
 */
export interface ParkedDelivery {
  block: number
  index: number
  /** The name of the mapping. */
  action: string
  source: string
  messageId: string
  /** The order key of the message; absent when order is none. */
  key?: string
  /** What was known of the whole message when it was parked: the worst code, then each action and its code. */
  kind: readonly (string | number)[]
  attempts: number
  history?: readonly Attempt[]
  firstAttemptMs?: number
  /** How long the destination was paused since the first attempt. */
  pausedMs: number
  parkedMs: number
  /** 0: as soon as what it waits behind is settled. */
  nextAttemptMs: number
  failure?: Failure
  /** Later messages of its key are sent without waiting for it. */
  overtaken?: true
  /** When a dead delivery was redriven last, and how often. */
  redrivenAt?: string
  redrives?: number
  /** The message itself, when the log may not have it any more. */
  message?: Message
}

/** The parked deliveries of one key, in their order, without those whose turn has come. */
export interface ParkedKey {
  /** Undefined: nothing waits behind it any more. */
  key: string | undefined
  rows: ParkedDelivery[]
  /** Deliveries that were taken out of `rows` and are not settled. */
  loaded: number
}
