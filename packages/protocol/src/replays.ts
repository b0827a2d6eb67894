import type { Preview } from './preview.ts'

/** Shapes of replays: stored messages that are sent to a destination again, or for the first time. */

/** Which messages of the time a replay is for; all when empty. */
export interface ReplayFilter {
  /** Only of this source. */
  source?: string
  /** Only track messages with this event. */
  event?: string
  /** Only messages with this userId or anonymousId. */
  user?: string
  /** Only messages that are dead at the destination. */
  failedOnly?: true
}

/** What is to be replayed. */
export interface ReplayRequest extends ReplayFilter {
  destination: string
  /** Time of receipt, ISO 8601; inclusive. */
  from: string
  /** Exclusive. */
  to: string
  /** At most so many messages are sent in a second. */
  messagesPerSecond?: number
  /** Send with other idempotency keys than delivery, so that a receiver takes again what it knows. */
  newKeys?: true
}

/** What a replay would do, from the log and today's mappings. */
export interface ReplayEstimate {
  /** Resolved messages that were received in the time. */
  messages: number
  /** Of these, those that the filter leaves. */
  selected: number
  /** Of these, those that an action takes today. */
  matching: number
  /** Counted in a part of the range only, and taken to be like that in the rest. */
  sampled: boolean
  /** How many messages it would send in a second, about. */
  messagesPerSecond: number
  durationMs: number
}

/** The answer to a request: what it does, and five messages as they would be sent. `replay` is absent after a dry run. */
export interface ReplayPlan {
  estimate: ReplayEstimate
  samples: Preview[]
  replay?: ReplayStatus
}

/** `selected = delivered + filtered + failed + pending`. */
export interface ReplayCounts {
  selected: number
  delivered: number
  /** By reason, as in the ledger. */
  filtered: Record<string, number>
  /** By reason, as `dead` in the ledger. */
  failed: Record<string, number>
  /** Not settled. When it was cancelled: not sent. */
  pending: number
  /** False while `selected` and `pending` rest on the estimate. */
  exact: boolean
}

export interface ReplayStatus extends ReplayRequest {
  /** `replay-<number>`. */
  id: string
  state: 'running' | 'paused' | 'completed' | 'cancelled'
  reason?: string
  createdAt: string
  endedAt?: string
  /** Share of its part of the log that is done, 0 to 1. */
  progress: number
  /** Why nothing is sent just now: live traffic goes first, or the destination is paused or its circuit open. */
  waitsFor?: 'live' | 'paused' | 'circuit'
  counts: ReplayCounts
}

/** A message that a replay could not deliver. */
export interface ReplayFailure {
  messageId: string
  action: string
  reason: string
  code: string
  detail: string
  attempts: number
  at: string
}

export interface ReplaysAnswer {
  /** The newest first. */
  replays: ReplayStatus[]
}

export interface ReplayAnswer extends ReplayStatus {
  /** The first of what failed, at most 1,000. */
  failures: ReplayFailure[]
}
