/** Plain numbers since the start of the process; they can be sent to another process as they are. */
export interface IngestionMetrics {
  /** Messages that are durable, by source id. */
  acceptedBySource: Record<string, number>
  /** Refused messages and requests by rejection code. */
  rejectedByCode: Record<string, number>
  /** Messages' requests that were answered and all that were refused, by status. */
  requestsByStatus: Record<string, number>
  /** Requests with which client libraries report about themselves. */
  clientMetrics: number
  /** Bytes of bodies as they arrived. */
  bodyBytes: number
  blocks: number
  blockBytes: number
  /** Bytes of blocks that are not durable yet, now. */
  waitingBytes: number
  /** From a request's headers to its answer. `counts` has one more entry than `boundsMs`: the rest. */
  latency: { boundsMs: readonly number[]; counts: number[]; sumMs: number; count: number }
}

const boundsMs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]

/** Counts requests; the rest of the metrics is counted where it happens. */
export class RequestMetrics {
  readonly acceptedBySource: Record<string, number> = {}
  readonly requestsByStatus: Record<string, number> = {}
  readonly latency = { boundsMs, counts: Array.from({ length: boundsMs.length + 1 }, () => 0), sumMs: 0, count: 0 }
  bodyBytes = 0
  clientMetrics = 0

  accepted(sourceId: string, messages: number): void {
    this.acceptedBySource[sourceId] = (this.acceptedBySource[sourceId] ?? 0) + messages
  }

  answered(status: number, durationMs: number): void {
    this.requestsByStatus[status] = (this.requestsByStatus[status] ?? 0) + 1
    const { latency } = this
    let bucket = 0
    while (bucket < boundsMs.length && durationMs > (boundsMs[bucket] as number)) bucket++
    latency.counts[bucket] = (latency.counts[bucket] as number) + 1
    latency.sumMs += durationMs
    latency.count++
  }
}
