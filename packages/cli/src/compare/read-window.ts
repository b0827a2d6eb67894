import type { ApiClient } from '@millrace/api-client'
import type { Message } from '@millrace/protocol'

/** What was received in a time, of one source or of all. */
export interface Window {
  source: string | undefined
  /** In milliseconds since 1970: from inclusive, to exclusive. */
  fromMs: number
  toMs: number
}

const pageEntries = 1000
/** The log is nearly in order of receipt: blocks of several processes may be stored a moment late. */
const disorderMs = 60_000

/**
 * The messages that Millrace received in a time, in order of the log, each copy of a resent one. There is no index of times,
 * so the log is read from its oldest message on, a page at a time. Throws when the signal aborts.
 */
export async function* readWindow(
  client: ApiClient,
  { source, fromMs, toMs }: Window,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (read: number) => void },
): AsyncGenerator<Message, void, undefined> {
  let read = 0
  for (let from = '0:0'; ;) {
    const { entries, next } = await client.tail({ from, source, limit: pageEntries })
    for (const { message, receivedAt } of entries) {
      const receivedMs = Date.parse(receivedAt)
      if (receivedMs >= toMs + disorderMs) return
      if (message !== undefined && receivedMs >= fromMs && receivedMs < toMs) yield message
    }
    read += entries.length
    onProgress(read)
    signal.throwIfAborted()
    // A page that is not full ends at the head of the log.
    if (entries.length < pageEntries) return
    from = next
  }
}
