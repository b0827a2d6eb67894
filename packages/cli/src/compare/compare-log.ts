import type { ApiClient } from '@millrace/api-client'
import { eventOf, storedExample } from './comparison.ts'
import type { Comparison } from './comparison.ts'
import type { IdSet } from './id-set.ts'

export interface LogComparison {
  client: ApiClient
  source: string | undefined
  /** The time in which messages were received, in milliseconds since 1970: from inclusive, to exclusive. */
  fromMs: number
  toMs: number
  ids: IdSet
  comparison: Comparison
  signal: AbortSignal
  onProgress(read: number): void
}

const pageEntries = 1000
/** The log is nearly in order of receipt: blocks of several processes may be stored a moment late. */
const disorderMs = 60_000
/** A resent message has several copies in the log and counts once; beyond so many missing ones its copies may count again. */
const maxMissingIds = 1_000_000

/**
 * Reads what Millrace received in a time and counts what the file lacks; gives how many messages
 * there were, resent copies included. There is no
 * index of times, so the log is read from its oldest message on, a page at a time.
 */
export async function compareLog(options: LogComparison): Promise<number> {
  const { client, source, fromMs, toMs, ids, comparison, signal } = options
  let inTime = 0
  let read = 0
  const missing = new Set<string>()
  for (let from = '0:0'; ;) {
    const { entries, next } = await client.tail({ from, source, limit: pageEntries })
    for (const { message, receivedAt } of entries) {
      const receivedMs = Date.parse(receivedAt)
      if (receivedMs >= toMs + disorderMs) return inTime
      if (message === undefined || receivedMs < fromMs || receivedMs >= toMs) continue
      inTime += 1
      const { messageId } = message
      if (!ids.has(messageId) && !missing.has(messageId)) {
        if (missing.size < maxMissingIds) missing.add(messageId)
        comparison.add(eventOf(message), 'missingThere', () => storedExample(message))
      }
    }
    read += entries.length
    options.onProgress(read)
    signal.throwIfAborted()
    // A page that is not full ends at the head of the log.
    if (entries.length < pageEntries) return inTime
    from = next
  }
}
