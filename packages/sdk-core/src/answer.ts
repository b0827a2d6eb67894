/** What a server said to a batch. */
export interface Answer {
  status: number
  /** The header `Retry-After`, as it was sent. */
  retryAfter?: string | null
}

/** What an answer means: forget the batch, send it again, or send it never again. */
export type Verdict = 'accepted' | 'retry' | 'refused'

/**
 * Refusals that are ours to wait out: time-out, conflict with a proxy, rate, and every fault of the server but those
 * that no time mends (not implemented, HTTP version, authentication of a network).
 */
export const verdictOf = (status: number): Verdict => {
  if (status >= 200 && status < 300) return 'accepted'
  if (status === 408 || status === 410 || status === 429 || status === 460) return 'retry'
  return status >= 500 && status !== 501 && status !== 505 && status !== 511 ? 'retry' : 'refused'
}

const longestRetryAfterMs = 3_600_000

/** Milliseconds that `Retry-After` asks for: whole seconds or an HTTP date; at most an hour. Undefined when it says neither. */
export const retryAfterMs = (value: string | null | undefined, now: number): number | undefined => {
  if (!value) return undefined
  const ms = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longestRetryAfterMs)
}
