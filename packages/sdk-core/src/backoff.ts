export interface Backoff {
  /** What the first pause is drawn from: 0 up to this. */
  baseMs: number
  maxMs: number
}

export const defaultBackoff: Backoff = { baseMs: 1000, maxMs: 60_000 }

/**
 * The pause before the next try, with full jitter: anything from 0 to base × 2^(failures − 1), capped. Clients that failed
 * together do not come back together.
 * @param failures in a row, 1 after the first
 * @param random at least 0, below 1
 */
export const backoffMs = (failures: number, random: number, { baseMs, maxMs }: Backoff = defaultBackoff): number =>
  Math.round(random * Math.min(maxMs, baseMs * 2 ** (failures - 1)))
