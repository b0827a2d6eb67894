import type { ReplayEstimate, ReplayFilter } from '@millrace/protocol'
import type { Cursor, StateReader } from '@millrace/storage'

/**
 * What the state store keeps of a replay beside its account:
 *
 *   replays [number]   ReplayRecord
 *
 * The account is kept like that of a destination, under an id that no destination can have, `~replay-<number>`: cursor,
 * outcome records, counters, parked deliveries and the letters of what failed. So everything that is true of a destination's
 * account (outcomes and cursor in one transaction, the recount) is true of a replay's, and neither is counted in the other.
 */
export const replaysSpace = 'replays'

/** So many replays that have ended are remembered. */
export const MAX_ENDED = 100

export interface ReplayRecord {
  destination: string
  state: 'running' | 'paused' | 'completed' | 'cancelled'
  /** Why it was cancelled. */
  reason?: string
  createdAt: string
  endedAt?: string
  /** Time of receipt: at or after `fromTime`, before `toTime`. */
  fromTime: string
  toTime: string
  /** The rows that are looked at: from here, up to and without `end`. */
  from: Cursor
  end: Cursor
  filter: ReplayFilter
  /** At most so many messages are sent in a second. */
  messagesPerSecond?: number
  /** Idempotency keys of its own, so that a receiver takes again what it knows. */
  newKeys?: true
  estimate: ReplayEstimate
}

/** A replay with its number, which is never given twice. */
export interface StoredReplay {
  number: number
  record: ReplayRecord
}

export const replayIdOf = (number: number): string => `replay-${number}`
export const numberOfReplay = (id: string): number | undefined => {
  const digits = /^replay-(\d{1,15})$/.exec(id)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
export const accountOf = (number: number): string => `~${replayIdOf(number)}`

export const hasEnded = ({ state }: ReplayRecord): boolean => state === 'completed' || state === 'cancelled'

export const decodeReplay = (bytes: Uint8Array): ReplayRecord =>
  JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as ReplayRecord

/** All replays that are remembered, in the order in which they were made. */
export const storedReplays = async (state: StateReader): Promise<StoredReplay[]> =>
  (await state.scan(replaysSpace, { limit: 100_000 })).map(({ key, value }) => ({
    number: key[0] as number,
    record: decodeReplay(value),
  }))
