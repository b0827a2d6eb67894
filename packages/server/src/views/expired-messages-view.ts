import { knownDestinations } from '@millrace/delivery'
import type { DestinationStatus } from '@millrace/protocol'
import type { StateReader } from '@millrace/storage'

/** What retention gave up, by destination; only of those of which it gave up something. */
export const expiredMessages = async (
  delivery: StateReader,
): Promise<Map<string, NonNullable<DestinationStatus['expired']>>> => {
  const iso = (ms: number): string => new Date(ms).toISOString()
  const expired = new Map<string, NonNullable<DestinationStatus['expired']>>()
  for (const { id, meta } of await knownDestinations(delivery)) {
    if (meta.expired === undefined) continue
    const { messages, fromMs, toMs, atMs } = meta.expired
    expired.set(id, { messages, from: iso(fromMs), to: iso(toMs), at: iso(atMs) })
  }
  return expired
}
