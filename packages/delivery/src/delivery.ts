import type { Payload } from '@millrace/component-kit'
import type { Message } from '@millrace/protocol'
import type { Cursor } from '@millrace/storage'
import type { Attempt } from './attempt-history.ts'
import type { CompiledAction } from './destination-config.ts'
import type { ParkedKey, ParkedRow } from './parked-delivery.ts'
import type { WindowEntry } from './delivery-window.ts'

/** One message for one action. */
export interface Delivery {
  action: CompiledAction
  payload: Payload
  message: Message
  source: string
  receivedAtMs: number
  place: Cursor
  /** Deliveries with one key are sent one after the other; those without are in no order with any other. */
  key: string | undefined
  bytes: number
  attempts: number
  /** The attempts that failed; undefined while none has. */
  history: readonly Attempt[] | undefined
  firstAttemptMs: number
  /** How long the destination had been paused in all when it was attempted first. */
  pausedBeforeMs: number
  /** Where its outcome goes: a row of the window, or that of a parked delivery whose turn has come. */
  origin: { entry: WindowEntry } | { parked: ParkedRow; of: ParkedKey }
}

/** Why an attempt did not succeed. */
export interface Failure {
  code: string
  message: string
}

/** Nothing more is tried when its window has ended. Time in which the destination was paused does not count. */
export const isTooOld = (
  { firstAttemptMs, pausedBeforeMs }: Pick<Delivery, 'firstAttemptMs' | 'pausedBeforeMs'>,
  windowMs: number,
  nowMs: number,
  pausedMs: number,
): boolean => nowMs - firstAttemptMs - (pausedMs - pausedBeforeMs) >= windowMs
