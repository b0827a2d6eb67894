import type { DeliverySettings } from './delivery-settings.ts'

/**
 * How long to wait before attempt `attempt` (2 for the first retry): exponential with full jitter, that is, evenly between
 * 0 and the doubled delay, so that many failing deliveries do not come back together. What the receiver asked for
 * (`Retry-After`) is the least.
 */
export const retryDelayMs = (
  attempt: number,
  settings: Pick<DeliverySettings, 'firstRetryDelayMs' | 'maxRetryDelayMs'>,
  afterMs: number | undefined,
  random: () => number,
): number => {
  const longest = Math.min(settings.maxRetryDelayMs, settings.firstRetryDelayMs * 2 ** Math.min(attempt - 2, 40))
  return Math.max(Math.round(random() * longest), afterMs ?? 0)
}
