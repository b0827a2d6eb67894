const dayMs = 86_400_000

/** A receiver that asks for more than this has made a mistake, and the message would be forgotten. */
const maxRetryAfterMs = 7 * dayMs

/** The names of days begin every form of an HTTP date; `Date.parse` alone would accept `-5` and more. */
const httpDate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /

/**
 * Milliseconds to wait according to a `Retry-After` header (RFC 9110, 10.2.3): seconds or an HTTP date. At most seven
 * days; 0 for a date in the past; undefined if the text is neither.
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.min(Math.ceil(Number(text) * 1000), maxRetryAfterMs)
  if (!httpDate.test(text)) return undefined
  // The old asctime form has no zone, and all HTTP dates are in GMT.
  const at = Date.parse(/(?:GMT|UTC)$/.test(text) ? text : `${text} GMT`)
  return Number.isNaN(at) ? undefined : Math.min(Math.max(0, at - nowMs), maxRetryAfterMs)
}
