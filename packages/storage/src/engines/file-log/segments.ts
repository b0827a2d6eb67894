import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Offset } from '../../event-log.ts'

const NAME = /^(\d{16})\.log$/

export const segmentPath = (directory: string, base: Offset): string =>
  join(directory, `${String(base).padStart(16, '0')}.log`)

/** The offsets at which segments begin, in order. */
export const listSegments = async (directory: string): Promise<Offset[]> => {
  const bases: Offset[] = []
  for (const name of await readdir(directory)) {
    const match = NAME.exec(name)
    if (match) bases.push(Number(match[1]))
  }
  return bases.sort((a, b) => a - b)
}

/** The last segment that begins at or before `offset`; undefined when all begin later. */
export const segmentOf = (bases: readonly Offset[], offset: Offset): Offset | undefined => {
  let low = 0
  let high = bases.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((bases[middle] as Offset) <= offset) low = middle + 1
    else high = middle
  }
  return bases[low - 1]
}

/** Makes the names in a directory durable: a new file is found again after a power failure only after this. */
export const syncDirectory = async (directory: string): Promise<void> => {
  // Windows cannot open a directory; there the file system orders names itself.
  if (process.platform === 'win32') return
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
