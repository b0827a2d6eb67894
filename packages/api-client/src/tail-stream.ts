import type { Position, TailEntry } from '@millrace/protocol'
import type { StreamFailure } from './answers.ts'
import { ApiError } from './api-error.ts'
import { readNdjson } from './read-ndjson.ts'
import { request } from './request.ts'
import type { Connection } from './request.ts'

export interface TailQuery {
  /** Entries from here on. Without it: the newest ones. */
  from?: Position | undefined
  /** At most so many; of a stream, at most so many before the new ones. */
  limit?: number | undefined
  /** Of this source only. */
  source?: string | undefined
}

/**
 * Entries as they come. A stream on which nothing came for so long that `fetch` gave it up (Node: five minutes) is opened
 * again where it was; any other break is thrown as `ApiError`.
 */
export async function* tailStream(
  connection: Connection,
  query: TailQuery,
  signal: AbortSignal | undefined,
): AsyncGenerator<TailEntry, void, undefined> {
  let last: Position | undefined
  for (;;) {
    const from = last ?? query.from
    const response = await request(connection, '/api/tail/stream', {
      query: { ...query, from },
      accept: 'application/x-ndjson',
      signal,
    })
    if (response.body === null) return
    try {
      for await (const line of readNdjson<TailEntry | StreamFailure>(response.body)) {
        if ('error' in line) throw new ApiError({ status: response.status, ...line.error })
        // `from` is the first entry to send, and that one was seen.
        if (line.position === last) continue
        last = line.position
        yield line
      }
      return
    } catch (error) {
      if (signal?.aborted === true || !(error instanceof ApiError) || error.code !== 'silent') throw error
    }
  }
}
