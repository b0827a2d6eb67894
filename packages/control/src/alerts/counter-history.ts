import type { JsonObject } from '@millrace/protocol'

/**
 * How much some counters grew over a window, from a few points that are small enough to be stored: at most one for each
 * sixtieth of the window. Totals are counted here, so a counter that begins again (its process was restarted) does no harm.
 */
export interface CounterHistory extends JsonObject {
  /** The counters as they were read last. */
  last: number[]
  /** Time in milliseconds since 1970, then the total of each counter. The first is the one that the window is measured from. */
  points: number[][]
}

const pointsInWindow = 60

/**
 * The history with one more reading.
 * @param onDecrease What a smaller number means: `restart`, that it began again at zero; `correction`, that nothing was added.
 */
export function addReading(
  history: CounterHistory | undefined,
  counters: readonly number[],
  { nowMs, windowMs, onDecrease }: { nowMs: number; windowMs: number; onDecrease: 'restart' | 'correction' },
): CounterHistory {
  if (history === undefined) return { last: [...counters], points: [[nowMs, ...counters.map(() => 0)]] }
  const newest = history.points.at(-1) ?? []
  const totals = counters.map((counter, index) => {
    const before = history.last[index] ?? 0
    const growth = counter >= before ? counter - before : onDecrease === 'restart' ? counter : 0
    return (newest[index + 1] ?? 0) + growth
  })
  const points = [...history.points]
  // The newest point moves until it is far enough from the one before; the first one stays, the window begins there.
  const beforeNewest = points.at(-2)
  if (beforeNewest !== undefined && nowMs - (beforeNewest[0] ?? 0) < windowMs / pointsInWindow) points.pop()
  points.push([nowMs, ...totals])
  const startMs = nowMs - windowMs
  while (points.length > 2 && (points[1]?.[0] ?? 0) <= startMs) points.shift()
  return { last: [...counters], points }
}

/** What each counter grew by since the first point. */
export function growthOf({ points }: CounterHistory): number[] {
  const [, ...first] = points[0] ?? []
  const [, ...newest] = points.at(-1) ?? []
  return newest.map((total, index) => total - (first[index] ?? 0))
}
