import type { Random } from '../random.ts'

/**
 * What can go wrong between a destination and its receiver. One model for two drivers: `MemoryTransport` plays it under a
 * virtual clock, `startFaultProxy` on real sockets; `fault-agreement.test.ts` in `delivery` shows that a client sees the
 * same through both. `taken` says whether the receiver got the message although the client was not told: what makes copies.
 */
export type Fault =
  /** Nobody listens, or the connection is reset before the request is read. */
  | { kind: 'refused' }
  /** The connection is reset in the middle of the answer's body. The receiver took the request. */
  | { kind: 'reset' }
  /** No answer ever comes. */
  | { kind: 'hang'; taken: boolean }
  /** The answer comes with one byte a second. The receiver took the request. */
  | { kind: 'trickle' }
  /** The receiver refuses with a status and takes nothing. */
  | { kind: 'status'; status: number; retryAfter?: { form: 'seconds' | 'date'; ms: number } }
  /** The receiver took the request and answers 200 with half of a JSON text. */
  | { kind: 'broken-body' }
  /** The TLS handshake fails. */
  | { kind: 'tls' }

/** Decides for each request what happens to it; undefined: it goes through. `index` counts all requests of one driver. */
export type FaultPlan = (request: { index: number; atMs: number }) => Fault | undefined

/** Whether the receiver takes a request that meets this fault. */
export const isTaken = (fault: Fault): boolean =>
  fault.kind === 'reset' ||
  fault.kind === 'trickle' ||
  fault.kind === 'broken-body' ||
  (fault.kind === 'hang' && fault.taken)

/** What the receiver answers when nothing goes wrong, and what it is cut down to when something does. */
export const okBody = '{"success":true}'
export const brokenBody = okBody.slice(0, 8)

/** The header of a refusal that says when to come back. A date has whole seconds, so it may be up to one second early. */
export const retryAfterHeader = ({ form, ms }: { form: 'seconds' | 'date'; ms: number }, nowMs: number): string =>
  form === 'seconds' ? String(Math.ceil(ms / 1000)) : new Date(nowMs + ms).toUTCString()

/** A fault that lasts for a time. */
export interface FaultPeriod {
  fromMs: number
  untilMs: number
  fault: Fault
  /** The share of requests that meet it, 0 to 1. Default 1. */
  share?: number
}

/** Periods of faults; where two overlap the first one counts. */
export const periodsOf =
  (periods: readonly FaultPeriod[], random: Random): FaultPlan =>
  ({ atMs }) =>
    periods.find(
      ({ fromMs, untilMs, share = 1 }) => atMs >= fromMs && atMs < untilMs && (share >= 1 || random.next() < share),
    )?.fault

/** One of every kind, for tests that go through all. */
export const everyFault: readonly Fault[] = [
  { kind: 'refused' },
  { kind: 'reset' },
  { kind: 'hang', taken: false },
  { kind: 'hang', taken: true },
  { kind: 'trickle' },
  { kind: 'status', status: 429, retryAfter: { form: 'seconds', ms: 2000 } },
  { kind: 'status', status: 429, retryAfter: { form: 'date', ms: 2000 } },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503, retryAfter: { form: 'seconds', ms: 60_000 } },
  { kind: 'broken-body' },
  { kind: 'tls' },
]
