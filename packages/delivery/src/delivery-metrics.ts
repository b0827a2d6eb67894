import type { Outcome } from '@millrace/component-kit'

/** Upper bounds of the latency buckets, in milliseconds; one more holds what is slower. */
export const latencyBucketsMs = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 60_000, 600_000] as const

/** Counts since the process started. The ledger, not this, is the account of messages. */
export class DeliveryMetrics {
  requests = 0
  requestMs = 0
  retries = 0
  readonly outcomes: Record<Outcome['status'], number> = { delivered: 0, retry: 0, rejected: 0, unauthorized: 0 }
  /** From receipt to delivery. */
  readonly latency = Array.from({ length: latencyBucketsMs.length + 1 }, () => 0)
  latencySumMs = 0

  request(durationMs: number, outcomes: readonly Outcome[]): void {
    this.requests++
    this.requestMs += durationMs
    for (const { status } of outcomes) this.outcomes[status]++
  }

  delivered(latencyMs: number): void {
    let bucket = 0
    while (bucket < latencyBucketsMs.length && latencyMs > (latencyBucketsMs[bucket] as number)) bucket++
    this.latency[bucket] = (this.latency[bucket] as number) + 1
    this.latencySumMs += Math.max(0, latencyMs)
  }
}
