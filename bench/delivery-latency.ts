import type { ServerUnderTest } from './server-under-test.ts'

/** Counts of the latency histogram of one destination: upper bound in milliseconds to messages at or below it. */
export type LatencyBuckets = ReadonlyMap<number, number>

/** Reads `/metrics`. From receipt of a message to its delivery, since the server started. */
export const readLatency = async ({ url, token }: ServerUnderTest, destination: string): Promise<LatencyBuckets> => {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  const text = await response.text()
  if (!response.ok) throw new Error(`/metrics answered ${response.status}: ${text.slice(0, 200)}`)
  const buckets = new Map<number, number>()
  for (const [, labels = '', count] of text.matchAll(/^millrace_delivery_latency_seconds_bucket\{(.*)\} (\d+)$/gm)) {
    if (!labels.includes(`destination="${destination}"`)) continue
    const bound = /le="([^"]+)"/.exec(labels)?.[1]
    buckets.set(bound === '+Inf' ? Infinity : Number(bound) * 1000, Number(count))
  }
  if (buckets.size === 0) throw new Error(`/metrics has no latency of destination "${destination}"`)
  return buckets
}

/** The upper bound, in milliseconds, of the bucket that holds this share of what came between two readings. */
export const latencyQuantile = (before: LatencyBuckets, after: LatencyBuckets, share: number): number => {
  const counts = [...after].map(([bound, count]) => ({ bound, count: count - (before.get(bound) ?? 0) }))
  const all = counts.at(-1)?.count ?? 0
  return counts.find(({ count }) => count >= all * share)?.bound ?? Infinity
}
