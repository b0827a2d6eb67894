import type { LedgerProblem } from '@millrace/protocol'
import type { Offset, StateReader } from '@millrace/storage'
import { consumerOf } from '../delivery-state.ts'
import { verifyDestination } from '../verify-deliveries.ts'
import { MAX_LETTERS } from './account-store.ts'
import { RangeFeed } from './range-feed.ts'
import type { FeedReader } from './range-feed.ts'
import { accountOf, replayIdOf } from './replay-record.ts'
import type { StoredReplay } from './replay-record.ts'
import { selectionOf } from './selected-block.ts'

/**
 * Recounts the account of a replay from the log, as that of a destination is: it selects again what the replay selected, and
 * holds its outcome records, counters, letters and parked rows against that. Not of a replay of failed deliveries only: which
 * these were when it ran is not kept, and a redrive changes it.
 */
export const verifyReplay = async (
  { number, record }: StoredReplay,
  state: StateReader,
  feed: FeedReader,
  tail: Offset,
  signal: AbortSignal,
): Promise<LedgerProblem[]> => {
  if (record.filter.failedOnly === true) return []
  const id = accountOf(number)
  const cursor = (await state.cursor(consumerOf(id))) ?? record.from
  const range = new RangeFeed({ feed, selection: selectionOf(record), failedRows: () => Promise.resolve(new Set()) })
  const account = { id, meta: { start: record.from }, cursor, where: replayIdOf(number), maxLetters: MAX_LETTERS }
  return verifyDestination(account, state, range, tail, () => {}, signal)
}
