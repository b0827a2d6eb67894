import type { LogBlock, LogReader, Offset } from '@millrace/storage'

/** All blocks from `from` (default: the tail) to the head, read `maxBytes` at a time. Fails when a read brings nothing. */
export const readAll = async (reader: LogReader, from?: Offset, maxBytes = 64 * 1024): Promise<LogBlock[]> => {
  const blocks: LogBlock[] = []
  const head = await reader.head()
  let next = from ?? (await reader.tail())
  while (next < head) {
    const some = await reader.read(next, maxBytes)
    const last = some.at(-1)
    if (last === undefined) throw new Error(`a read at ${next}, before the head ${head}, brought no block`)
    if (last.next <= next) throw new Error(`a read at ${next} ended at ${last.next}: the reader does not advance`)
    blocks.push(...some)
    next = last.next
  }
  return blocks
}
