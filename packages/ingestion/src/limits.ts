/** Bounds on what one client, and all clients together, can make this process hold. */
export interface Limits {
  /** A message's raw JSON text. Segment's documented limit. */
  maxMessageBytes: number
  /** A request's body, before and after decompression. The public Node clients exceed the documented 500 KB. */
  maxBodyBytes: number
  maxBatchMessages: number
  /** Time for a whole body to arrive; then 408. */
  bodyTimeoutMs: number
  /** Time for a request's headers to arrive; the server's `headersTimeout`. */
  headersTimeoutMs: number
  /** Bytes of bodies being read and of blocks not yet durable; above it new requests get 503. */
  maxWaitingBytes: number
  /** Rejections stored one by one, per source; the others are counted. */
  rejectionsPerMinute: number
  /** The same for requests whose write key no source has. */
  unknownKeyRejectionsPerMinute: number
}

export const defaultLimits: Readonly<Limits> = {
  maxMessageBytes: 32 * 1024,
  maxBodyBytes: 4 * 1024 * 1024,
  maxBatchMessages: 2500,
  bodyTimeoutMs: 30_000,
  headersTimeoutMs: 15_000,
  maxWaitingBytes: 64 * 1024 * 1024,
  rejectionsPerMinute: 600,
  unknownKeyRejectionsPerMinute: 60,
}
