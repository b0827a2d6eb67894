/**
 * What became of one delivery. A failed delivery is a value, not an exception; the discriminant says who must act:
 * - `delivered`: nobody.
 * - `retry`: we wait and send again (after `afterMs` at the earliest, when the receiver said so).
 * - `rejected`: the user changes something; the message is dead for this destination until it is redriven.
 * - `unauthorized`: the user repairs the credentials; the destination's `check` decides whether to pause it.
 */
export type Outcome =
  | { status: 'delivered' }
  | { status: 'retry'; code: string; message: string; afterMs?: number }
  | { status: 'rejected'; code: string; message: string }
  | { status: 'unauthorized'; code: string; message: string }

export const delivered: Outcome = { status: 'delivered' }
