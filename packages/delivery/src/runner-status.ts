import type { Cursor } from '@millrace/storage'
import type { Failure } from './delivery.ts'
import type { Hold } from './delivery-gate.ts'
import type { DestinationConfig } from './destination-config.ts'

/** How one destination stands. */
export interface RunnerStatus {
  /** `paused`: by an operator or for its credentials; `open`: its circuit. */
  state: 'running' | 'retrying' | 'disabled' | 'paused' | 'open'
  cursor: Cursor
  inFlight: number
  /** Deliveries that wait aside for their next attempt, or behind one that does. Undefined until they are read after a start. */
  parked: number | undefined
  lastFailure: (Failure & { atMs: number; nextAttemptMs: number }) | undefined
  /** Why nothing is sent, when that is so. */
  hold: Hold | undefined
}

/** The state of a destination, in the order of what a person should know first. */
export const stateOf = (
  { enabled }: Pick<DestinationConfig, 'enabled'>,
  hold: Hold | undefined,
  lastFailure: RunnerStatus['lastFailure'],
): RunnerStatus['state'] => {
  if (hold !== undefined && hold.cause !== 'circuit') return 'paused'
  if (!enabled) return 'disabled'
  if (hold !== undefined) return 'open'
  return lastFailure === undefined ? 'running' : 'retrying'
}
