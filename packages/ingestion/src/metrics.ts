/** Plain numbers since the start of the process; they can be sent to another process as they are. */
export interface IngestionMetrics {
  /** Messages that are durable, by source id. */
  acceptedBySource: Record<string, number>
  /** Refused messages and requests by rejection code. */
  rejectedByCode: Record<string, number>
  requestsByStatus: Record<string, number>
  /** Bytes of bodies as they arrived. */
  bodyBytes: number
  blocks: number
  blockBytes: number
  /** Bytes of blocks that are waiting to become durable, now. */
  waitingBytes: number
  /** From a request's headers to its answer. `counts` has one more entry than `boundsMs`: the rest. */
  latency: { boundsMs: readonly number[]; counts: number[]; sumMs: number; count: number }
}
