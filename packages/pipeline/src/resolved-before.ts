import { Block, decodeResolution, resolveState } from '@millrace/storage'
import type { Cursor, LogReader, StateReader } from '@millrace/storage'
import { CHECKPOINTS } from './resolver.ts'
import { countBlock, decodeCounts, sourceCounters } from './source-counts.ts'
import type { Counts } from './source-counts.ts'

/**
 * The resolve stage's counters as they were at `cursor`: the last checkpoint before it and a recount of what follows. Reads
 * at most what lies between two checkpoints. What is not resolved yet is not counted.
 */
export const countsBefore = async (log: LogReader, state: StateReader, cursor: Cursor): Promise<Counts> => {
  const checkpoint = await state.floor(CHECKPOINTS, [cursor.block])
  const counts: Counts = checkpoint === undefined ? new Map() : decodeCounts(checkpoint.value)
  let at = (checkpoint?.key[0] as number | undefined) ?? 0
  while (at < cursor.block || (at === cursor.block && cursor.index > 0)) {
    const blocks = await log.read(at, 4 * 1024 * 1024)
    const [first, last] = [blocks[0], blocks.at(-1)]
    if (first === undefined || last === undefined) break
    const entries = await state.scan(resolveState.resolutions, {
      from: [first.offset],
      to: [last.next],
      limit: blocks.length,
    })
    const records = new Map(entries.map(({ key, value }) => [key[0] as number, decodeResolution(value)]))
    for (const { offset, next, bytes } of blocks) {
      at = next
      const record = records.get(offset)
      const isPast = offset > cursor.block || (offset === cursor.block && cursor.index === 0)
      if (isPast || record === undefined) return counts
      countBlock(counts, new Block(bytes), record.duplicates ?? [], offset === cursor.block ? cursor.index : undefined)
    }
  }
  return counts
}

/** Resolved messages of each source before `cursor`. */
export const resolvedBefore = async (log: LogReader, state: StateReader, cursor: Cursor): Promise<Counts> => {
  const resolved: Counts = new Map()
  for (const [name, count] of await countsBefore(log, state, cursor)) {
    if (name.startsWith(sourceCounters.resolved)) resolved.set(name.slice(sourceCounters.resolved.length), count)
  }
  return resolved
}
