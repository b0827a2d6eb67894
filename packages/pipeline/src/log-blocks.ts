import type { LogBlock, LogReader, Offset } from '@millrace/storage'

/** The blocks from `from` (inclusive) to `to` (exclusive), in order. Ends early where the log gives nothing more. */
export async function* logBlocks(
  log: LogReader,
  from: Offset,
  to: Offset,
  readBytes = 8 * 1024 * 1024,
): AsyncGenerator<LogBlock, void, undefined> {
  let at = from
  while (at < to) {
    const blocks = await log.read(at, readBytes)
    if (blocks.length === 0) return
    for (const block of blocks) {
      if (block.offset >= to) return
      yield block
      at = block.next
    }
  }
}
