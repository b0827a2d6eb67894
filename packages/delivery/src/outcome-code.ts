/**
 * What is finally known of one row of the log for one destination, or of one delivery. Stored, so a value is never changed
 * or given a second meaning.
 */
export const outcomeCodes = {
  /** Not settled. Never stored. */
  pending: 0,
  /** A duplicate, a dropped message or a rejection: it never reached delivery. */
  notResolved: 1,
  delivered: 2,
  /** The destination does not take messages of this source. */
  filteredNotConnected: 3,
  /** No action's trigger matched. */
  filteredNoAction: 4,
  /** The message's `integrations` leave this destination out. */
  filteredIntegrations: 5,
  /** The destination was disabled when the message's turn came. */
  filteredDisabled: 6,
  /** The receiver refused it for good. */
  deadRejected: 7,
  /** The mapping failed, or its result does not fit the action's fields. */
  deadInvalid: 8,
  /** Still failing when the retry window ended. */
  deadRetryWindow: 9,
  /** The destination was removed before the message's turn came. */
  deadRemoved: 10,
  /** It failed and waits outside of its lane for the next attempt, or for one of the same person that does. */
  parked: 11,
  /** It came after a parked message of the same person, and too many waited there or for too long. */
  deadOrder: 12,
  /** Retention gave it up at the disk quota, because the destination had been stopped for long. */
  deadExpired: 13,
} as const

export type OutcomeCode = (typeof outcomeCodes)[keyof typeof outcomeCodes]

/** The term of the ledger that a code belongs to, and the reason within it. */
export const outcomeTerms: readonly { term: 'none' | 'delivered' | 'filtered' | 'parked' | 'dead'; reason: string }[] =
  [
    { term: 'none', reason: 'pending' },
    { term: 'none', reason: 'not_resolved' },
    { term: 'delivered', reason: 'delivered' },
    { term: 'filtered', reason: 'not_connected' },
    { term: 'filtered', reason: 'no_action' },
    { term: 'filtered', reason: 'integrations' },
    { term: 'filtered', reason: 'disabled' },
    { term: 'dead', reason: 'rejected' },
    { term: 'dead', reason: 'invalid' },
    { term: 'dead', reason: 'retry_window' },
    { term: 'dead', reason: 'removed' },
    { term: 'parked', reason: 'parked' },
    { term: 'dead', reason: 'order' },
    { term: 'dead', reason: 'expired' },
  ]

export const isDead = (code: number): boolean => outcomeTerms[code]?.term === 'dead'

/** Whether such a dead delivery has a letter of its own: those that die by the thousand with their destination have none. */
export const hasLetter = (code: number): boolean =>
  isDead(code) && code !== outcomeCodes.deadRemoved && code !== outcomeCodes.deadExpired

/**
 * Where several actions match one message the worst outcome counts: parked before dead before delivered before filtered; of two
 * dead ones that with the higher code, so that the result does not depend on who reported first.
 */
export const worse = (a: OutcomeCode, b: OutcomeCode): OutcomeCode => (rank(a) >= rank(b) ? a : b)

const rank = (code: OutcomeCode): number => {
  const term = outcomeTerms[code]?.term
  return (term === 'parked' ? 3_000 : term === 'dead' ? 2_000 : term === 'delivered' ? 1_000 : 0) + code
}
