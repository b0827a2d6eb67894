import type { Outcome } from '@millrace/component-kit'

/** What the destination's `check` said about credentials that a receiver did not take. */
export type CheckVerdict = 'passes' | 'unauthorized' | 'unknown'

/** What an outcome means for its delivery, and for the circuit of the whole destination. */
export interface RetryPolicy {
  /** `again`: sent again after a delay, until the retry window ends. `hold`: sent again when the destination is no longer paused. */
  delivery: 'delivered' | 'dead' | 'again' | 'hold'
  /** Whether the receiver does its work; `none`: this says nothing about it. */
  receiver: 'works' | 'fails' | 'none'
}

/**
 * The one table from outcome to policy. What HTTP answers become which outcome is said by `outcomeOf` of the component kit.
 *
 *     outcome        check           delivery    receiver
 *     delivered                      delivered   works
 *     retry                          again       fails
 *     rejected                       dead        works
 *     unauthorized   passes          dead        works     the message is to blame
 *     unauthorized   unauthorized    hold        none      the destination is paused until its check passes
 *     unauthorized   none, or fails  again       fails
 */
export const retryPolicies = {
  delivered: { delivery: 'delivered', receiver: 'works' },
  retry: { delivery: 'again', receiver: 'fails' },
  rejected: { delivery: 'dead', receiver: 'works' },
  unauthorized: {
    passes: { delivery: 'dead', receiver: 'works' },
    unauthorized: { delivery: 'hold', receiver: 'none' },
    unknown: { delivery: 'again', receiver: 'fails' },
  },
} as const

/** @param verdict What the check said; asked for only when a delivery is unauthorized. */
export const retryPolicyOf = (status: Outcome['status'], verdict: CheckVerdict): RetryPolicy =>
  status === 'unauthorized' ? retryPolicies.unauthorized[verdict] : retryPolicies[status]
