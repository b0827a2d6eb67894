import { formatIsoTime, isCanonicalIsoTime, parseIsoTime } from './iso-time.ts'

/** Times of one message as they came; whatever is no ISO 8601 text is as absent. */
export interface SentTimes {
  /** When Millrace received it, milliseconds since 1970. */
  receivedAtMs: number
  /** The message's `sentAt`, else that of its batch. */
  sentAt?: unknown
  originalTimestamp?: unknown
  timestamp?: unknown
  /** The message's own `receivedAt`: another pipeline had it before. */
  forwardedReceivedAt?: unknown
}

export interface CorrectedTimes {
  timestamp: string
  originalTimestamp: string
}

/**
 * When a message happened, by the server's clock: `receivedAt - (sentAt - client's time)`, which takes sending and receiving
 * as one instant and so cancels the error of the client's clock (Segment's rule). The client's time is `timestamp` when sent,
 * else `originalTimestamp`. Without a valid `sentAt` it is the client's time as it is; without that, `receivedAt`.
 * A forwarded message was corrected already: its `timestamp` is kept; when it has none, the rule applies to the
 * `receivedAt` that it brings, because its `sentAt` belongs to that. Nothing is clamped: results may lie in the future.
 */
export function correctTimes(times: SentTimes): CorrectedTimes {
  const { receivedAtMs, sentAt, originalTimestamp, timestamp, forwardedReceivedAt } = times
  const timestampMs = parseIsoTime(timestamp)
  const originalMs = parseIsoTime(originalTimestamp)
  const usesTimestamp = !Number.isNaN(timestampMs)
  const clientMs = usesTimestamp ? timestampMs : originalMs
  const clientTime = textOf(clientMs, usesTimestamp ? timestamp : originalTimestamp)

  const forwardedMs = parseIsoTime(forwardedReceivedAt)
  const isForwarded = !Number.isNaN(forwardedMs)
  const arrivalMs = isForwarded ? forwardedMs : receivedAtMs
  const isFinal = isForwarded && usesTimestamp
  const skewMs = isFinal ? Number.NaN : arrivalMs - parseIsoTime(sentAt)

  return {
    timestamp: shifted(clientMs, skewMs) ?? clientTime ?? new Date(arrivalMs).toISOString(),
    originalTimestamp: textOf(originalMs, originalTimestamp) ?? clientTime ?? new Date(arrivalMs).toISOString(),
  }
}

/** A time with the skew of its clock added; `undefined` when there is nothing to add, or the year leaves four digits. */
const shifted = (timeMs: number, skewMs: number): string | undefined =>
  skewMs === 0 ? undefined : formatIsoTime(timeMs + skewMs)

/** A parsed time as text: as it was sent, when it was sent in our form. */
function textOf(timeMs: number, sent: unknown): string | undefined {
  return typeof sent === 'string' && isCanonicalIsoTime(sent) && !Number.isNaN(timeMs) ? sent : formatIsoTime(timeMs)
}
