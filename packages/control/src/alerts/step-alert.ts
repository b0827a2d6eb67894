import type { WorkspaceAlert } from '../workspace/workspace.ts'
import type { AlertRecord } from './alert-record.ts'

/**
 * The states of an alert on one source or destination:
 *
 *   ok ──(at or above the threshold for `forMs`)──▶ firing ──(below)──▶ resolved ──(as from ok)──▶ firing
 *
 * Whoever is to be told is told on the way into `firing`, on the way out of it, and, with `reminderMs`, in between.
 * A value that is not known changes nothing.
 */
export function stepAlert(
  record: AlertRecord,
  value: number | undefined,
  { threshold, nowMs }: { threshold: number; nowMs: number },
  { forMs, reminderMs, notify }: Pick<WorkspaceAlert, 'forMs' | 'reminderMs' | 'notify'>,
): { record: AlertRecord; tell?: 'firing' | 'resolved' | 'reminder' } {
  if (value === undefined) return { record: { ...record, atMs: nowMs } }
  const { breachedSinceMs: wasBreachedSinceMs, told: _, ...rest } = record
  const seen: AlertRecord = { ...rest, value, threshold, atMs: nowMs }
  if (value < threshold) {
    if (record.state !== 'firing') return { record: seen }
    const ended: AlertRecord = { ...seen, state: 'resolved', sinceMs: nowMs }
    return { record: { ...ended, lastNotification: { kind: 'resolved', atMs: nowMs } }, tell: 'resolved' }
  }
  const breachedSinceMs = wasBreachedSinceMs ?? nowMs
  if (record.state === 'firing') {
    const firing = { ...seen, breachedSinceMs, told: record.told ?? [] }
    const toldMs = record.lastNotification?.atMs ?? record.sinceMs
    if (reminderMs === undefined || nowMs - toldMs < reminderMs) return { record: firing }
    return { record: { ...firing, lastNotification: { kind: 'reminder', atMs: nowMs } }, tell: 'reminder' }
  }
  if (nowMs - breachedSinceMs < forMs) return { record: { ...seen, breachedSinceMs } }
  const lastNotification = { kind: 'firing', atMs: nowMs } as const
  return {
    record: { ...seen, breachedSinceMs, state: 'firing', sinceMs: nowMs, told: notify, lastNotification },
    tell: 'firing',
  }
}
