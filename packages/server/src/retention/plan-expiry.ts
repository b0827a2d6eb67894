import type { DestinationStatus } from '@millrace/protocol'
import type { Offset } from '@millrace/storage'
import type { Backlog } from './backlog.ts'

export interface ExpirySettings {
  atQuota: string
  expireAfterMs: number
}

/** What is to be done about what destinations have not read. */
export interface ExpiryPlan {
  /** `near`: eight tenths of the quota are taken. `full`: all of it. */
  level: 'ok' | 'near' | 'full'
  /** Where it may expire up to; undefined when nothing may. */
  before?: Offset
  /** Destinations that stand in the way of removing the oldest of the log, and of which nothing may expire. */
  blockers: string[]
}

const NEAR = 0.8
/** At the quota room is made down to this share of it, at least one segment, so that it is not done at every look. */
const DOWN_TO = 7 / 8

/**
 * At the quota the oldest messages expire, whoever waits for them, but only of destinations that have been held for
 * `expireAfterMs`: by an operator, for their credentials, or by their circuit. What others still need stays, and all that is
 * newer: expiring it would make no room. Such others are replays, and warehouses, which could not be loaded with a gap.
 * @param statuses Absent: nobody delivers on this server, so nothing is held and nothing expires.
 */
export const planExpiry = (
  backlog: Backlog,
  statuses: readonly Pick<DestinationStatus, 'destination' | 'hold'>[],
  isWarehouse: (destination: string) => boolean,
  { atQuota, expireAfterMs }: ExpirySettings,
  nowMs: number,
): ExpiryPlan => {
  const { head, quotaBytes, needs, replays, keepFrom, resolved } = backlog
  const neededBytes = head - keepFrom
  if (neededBytes < NEAR * quotaBytes) return { level: 'ok', blockers: [] }
  if (neededBytes < quotaBytes) return { level: 'near', blockers: [] }
  const holds = new Map(statuses.map(({ destination, hold }) => [destination, hold]))
  const mayExpire = (id: string): boolean => {
    const hold = holds.get(id)
    return hold !== undefined && nowMs - Date.parse(hold.since) >= expireAfterMs && !isWarehouse(id)
  }
  const wanted = head - Math.floor(DOWN_TO * quotaBytes)
  const others = [...[...needs].filter(([id]) => atQuota !== 'expire' || !mayExpire(id)), ...replays]
  return {
    level: 'full',
    before: Math.min(wanted, resolved, ...others.map(([, from]) => from)),
    blockers: others.filter(([, from]) => from < wanted).map(([id]) => id),
  }
}
