import { Block, resolveState } from '@millrace/storage'
import type { EventLog, Offset, StateStore } from '@millrace/storage'
import type { MessageIndexWriter } from './message-index/message-index-writer.ts'
import { resolvedOffsetBefore } from './cursor-since.ts'
import { countsBefore } from './resolved-before.ts'
import { CHECKPOINTS, REJECTIONS } from './resolver.ts'
import { encodeCounts } from './source-counts.ts'

export interface RetentionSettings {
  maxAgeMs: number
  /** Of the log alone; its indexes and state add a few percent. Absent: as much as the disk holds. */
  maxBytes?: number
}

/**
 * Removes what is older than `maxAgeMs` or beyond `maxBytes`, but never what a consumer has not read: `keepFrom` is the
 * slowest consumer's cursor. First the log, then what points into it: a crash in between leaves state without blocks,
 * which the next run removes. Returns the new tail.
 */
export const enforceRetention = async (options: {
  log: EventLog
  state: StateStore
  index: MessageIndexWriter
  settings: RetentionSettings
  nowMs: number
  keepFrom: Offset
  /** The disk quota: bytes of log that are kept at most, as `settings.maxBytes` says, and the lesser of both counts. */
  quotaBytes?: number
}): Promise<Offset> => {
  const { log, state, index, settings, nowMs, keepFrom, quotaBytes } = options
  const [tail, head] = [await log.tail(), await log.head()]
  const resolved = (await state.cursor(resolveState.consumer))?.block ?? 0
  const bySize = Math.max(tail, head - Math.min(settings.maxBytes ?? head, quotaBytes ?? head))
  const byAge = await resolvedOffsetBefore(log, state, nowMs - settings.maxAgeMs, head)
  const before = Math.min(Math.max(bySize, byAge), keepFrom, resolved)
  const point = await log.truncationPoint(before)
  if (point > tail) {
    // Counting begins at a checkpoint, and what lies before the new tail cannot be counted any more.
    const counts = await countsBefore(log, state, { block: point, index: 0 })
    await state.transaction((tx) => tx.put(CHECKPOINTS, [point], encodeCounts(counts)))
    // A cursor that a power failure takes back must find its blocks.
    await state.sync()
  }
  const newTail = await log.truncate(before)
  if (newTail > 0) {
    const [first] = await log.read(newTail, 1)
    const since = first === undefined ? nowMs : new Block(first.bytes).firstReceivedAtMs
    await state.transaction((tx) => {
      tx.deleteRange(resolveState.resolutions, [0], [newTail])
      tx.deleteRange(CHECKPOINTS, [0], [newTail])
      tx.deleteRange(REJECTIONS, [0], [Math.max(0, Math.floor(since))])
    })
    await index.removeBefore(newTail)
  }
  return newTail
}
