import type { Timer } from './clock.ts'
import type { Attempt } from './attempt-history.ts'
import type { Failure } from './delivery.ts'
import { decodeJson, encodeJson } from './delivery-state.ts'
import type { StoredKind } from './outcome-kind.ts'

/**
 * A delivery that waits outside of its lane: the cursor has passed it, its outcome is `parked`, and this row says when it goes on.
 * Its message stays in the log, and is mapped again when it is due.
 */
export interface ParkedDelivery {
  readonly block: number
  readonly index: number
  /** The name of the mapping. */
  readonly action: string
  readonly source: string
  readonly messageId: string
  /** The order key of the message; absent when order was none. */
  readonly key?: string
  /** What was known of the whole message when it was parked: the worst code, then each action and its code. */
  kind: StoredKind
  attempts: number
  history?: readonly Attempt[]
  firstAttemptMs: number
  /** How long the destination was paused since the first attempt, when the row was stored. */
  pausedMs: number
  parkedMs: number
  /** 0: as soon as what it waits behind is settled. */
  nextAttemptMs: number
  /** The last one. */
  failure?: Failure
  /** Later messages of its key are sent without waiting for it. */
  overtaken?: true
  /** When it was dead and redriven last, and how often it was redriven. */
  redrivenAt?: string
  redrives?: number
  /** The size of the copy that its letter had, when it was dead: the log may not have the message any more. */
  copyBytes?: number | undefined
}

/** A parked delivery in memory. */
export interface ParkedRow extends ParkedDelivery {
  /** How long the destination had been paused in this life of the process when it was attempted first; may be negative. */
  pausedBeforeMs: number
}

/** The parked deliveries of one key, in their order. */
export interface ParkedKey {
  /** Nothing else waits behind them when it is undefined. */
  key: string | undefined
  rows: ParkedRow[]
  /** Deliveries that were taken out of `rows` and are not settled. */
  loaded: number
  /** It stands among those whose turn has come. */
  isDue: boolean
  timer?: Timer | undefined
}

export const encodeParked = ({ pausedBeforeMs, ...row }: ParkedRow, pausedMs: number): Buffer =>
  encodeJson({ ...row, pausedMs: row.attempts === 0 ? 0 : pausedMs - pausedBeforeMs } satisfies ParkedDelivery)

export const decodeParked = (bytes: Uint8Array): ParkedDelivery => decodeJson(bytes) as ParkedDelivery

/** What redriven deliveries wait behind is only each other: nobody's new messages wait for an old one. */
export const laneKeyOf = ({ key, redrivenAt }: ParkedDelivery): string | undefined =>
  key === undefined || redrivenAt === undefined ? key : `\0redriven ${key}`
