import { Block, resolveState } from '@millrace/storage'
import type { LogReader, Offset, StateReader } from '@millrace/storage'
import { logBlocks } from './log-blocks.ts'

/** The first block of the log that holds a message received at or after `sinceMs`; the head when there is none. */
export const cursorSince = async (log: LogReader, state: StateReader, sinceMs: number): Promise<Offset> => {
  const head = await log.head()
  const from = await resolvedOffsetBefore(log, state, sinceMs, head)
  for await (const { offset, bytes } of logBlocks(log, from, head)) {
    const block = new Block(bytes)
    if (block.rowCount > 0 && block.receivedAtMs(block.rowCount - 1) >= sinceMs) return offset
  }
  return head
}

/** An offset before which everything was received before `sinceMs`, at most about 1 MB too early: by halving over the resolved blocks. */
export const resolvedOffsetBefore = async (
  log: LogReader,
  state: StateReader,
  sinceMs: number,
  head: Offset,
): Promise<Offset> => {
  let low = await log.tail()
  let high = head
  while (high - low > 1024 * 1024) {
    const entry = await state.floor(resolveState.resolutions, [low + Math.floor((high - low) / 2)])
    const offset = entry?.key[0] as number | undefined
    if (offset === undefined || offset <= low) break
    const [stored] = await log.read(offset, 1)
    if (stored === undefined) break
    if (new Block(stored.bytes).firstReceivedAtMs < sinceMs) low = offset
    else high = offset
  }
  return low
}
