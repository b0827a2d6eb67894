import { REJECTIONS } from '@millrace/pipeline'
import type { Position, TailEntry } from '@millrace/protocol'
import { Block, resolveState, rowFlags } from '@millrace/storage'
import type { Cursor, LogReader, StateReader } from '@millrace/storage'
import { fromPosition, toPosition } from './positions.ts'
import type { Stores } from './stores.ts'

const READ_BYTES = 1024 * 1024

/** Messages and rejections in order of the log. Without `from` the newest; a `limit` of 0 gives the head alone. */
export const readTail = async (
  { log, resolve }: Stores,
  { from, limit, source }: { from?: Position; limit: number; source?: string },
): Promise<{ entries: TailEntry[]; next: Position }> => {
  const head: Cursor = { block: await log.head(), index: 0 }
  if (limit === 0) return { entries: [], next: toPosition(head) }
  const wanted = (entry: TailEntry): boolean => source === undefined || entry.source === source
  if (from !== undefined) return readForward(log, fromPosition(from), head, limit, wanted)
  // The newest: go back over the resolved blocks until there is enough.
  let entries: TailEntry[] = []
  let end = head.block
  for (let step = 0; entries.length < limit && step < 64; step++) {
    const start = (await blockBefore(resolve, end, 1 << Math.min(step, 6))) ?? (await log.tail())
    if (start >= end && step > 0) break
    const { entries: part } = await readForward(
      log,
      { block: start, index: 0 },
      { block: end, index: 0 },
      Infinity,
      wanted,
    )
    entries = [...part, ...entries]
    end = start
    if (start <= (await log.tail())) break
  }
  return { entries: entries.slice(-limit), next: toPosition(head) }
}

/** The newest rejections first. */
export const readRejections = async (
  { log, resolve }: Stores,
  { source, limit }: { source?: string; limit: number },
): Promise<TailEntry[]> => {
  const found: TailEntry[] = []
  let to: (number | string)[] | undefined
  while (found.length < limit) {
    const page = await resolve.scan(REJECTIONS, { reverse: true, limit: 200, ...(to && { to }) })
    for (const { key } of page) {
      const position: Cursor = { block: key[1] as number, index: key[2] as number }
      const [stored] = await log.read(position.block, 1)
      if (stored?.offset !== position.block) continue
      const entry = entryAt(new Block(stored.bytes), position)
      if (source === undefined || entry.source === source) found.push(entry)
      if (found.length === limit) return found
    }
    if (page.length < 200) break
    to = [...(page.at(-1)?.key ?? [])]
  }
  return found
}

const readForward = async (
  log: LogReader,
  from: Cursor,
  end: Cursor,
  limit: number,
  wanted: (entry: TailEntry) => boolean,
): Promise<{ entries: TailEntry[]; next: Position }> => {
  const entries: TailEntry[] = []
  let at = from
  while (at.block < end.block) {
    for (const { offset, next, bytes } of await log.read(at.block, READ_BYTES)) {
      if (offset >= end.block) return { entries, next: toPosition(end) }
      const block = new Block(bytes)
      for (let index = offset === at.block ? at.index : 0; index < block.rowCount; index++) {
        if (entries.length >= limit) return { entries, next: toPosition({ block: offset, index }) }
        const entry = entryAt(block, { block: offset, index })
        if (wanted(entry)) entries.push(entry)
      }
      at = { block: next, index: 0 }
    }
  }
  return { entries, next: toPosition(at) }
}

const entryAt = (block: Block, position: Cursor): TailEntry => {
  const { index } = position
  const shared = {
    position: toPosition(position),
    source: block.source(index),
    receivedAt: new Date(block.receivedAtMs(index)).toISOString(),
  }
  if (block.isMessage(index)) {
    const violations = (block.flags(index) & rowFlags.violations) === 0 ? undefined : block.envelope(index).violations
    return { ...shared, message: block.message(index), ...(violations !== undefined && { violations }) }
  }
  const { code, reason, path, count } = block.rejection(index)
  return { ...shared, rejection: { code, reason, count, ...(path !== undefined && { path }) } }
}

/** The offset of the block that lies `count` resolved blocks before `end`. */
const blockBefore = async (resolve: StateReader, end: number, count: number): Promise<number | undefined> => {
  const entries = await resolve.scan(resolveState.resolutions, { to: [end], reverse: true, limit: count })
  return entries.at(-1)?.key[0] as number | undefined
}
