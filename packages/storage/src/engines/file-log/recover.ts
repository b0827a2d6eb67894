import { open, stat } from 'node:fs/promises'
import { LogCorruptError } from '../../event-log.ts'
import type { Offset } from '../../event-log.ts'
import { FRAME_HEADER_BYTES, readFrame } from './frame.ts'
import { listSegments, segmentPath } from './segments.ts'

/**
 * Finds where the log ends after a crash. A frame that the last segment does not hold whole was never acknowledged: it is
 * cut off. Anything damaged before `durableHead` was acknowledged: that is no torn write but a damaged disk, and opening
 * fails rather than losing messages silently.
 */
export const recover = async (
  directory: string,
  durableHead: Offset | undefined,
  warn: (message: string) => void,
): Promise<{ segments: Offset[]; head: Offset }> => {
  const segments = await listSegments(directory)
  for (let i = 0; i + 1 < segments.length; i++) {
    const path = segmentPath(directory, segments[i] as Offset)
    const { size } = await stat(path)
    if ((segments[i] as Offset) + size !== segments[i + 1]) {
      throw new LogCorruptError(
        `${path} has ${size} bytes, but the next segment begins elsewhere; restore it from a copy`,
      )
    }
  }
  const last = segments.at(-1)
  if (last === undefined) {
    if (durableHead !== undefined && durableHead > 0) {
      throw new LogCorruptError(`the log in ${directory} has no segments, but was durable up to ${durableHead}`)
    }
    return { segments, head: 0 }
  }
  const path = segmentPath(directory, last)
  const { size } = await stat(path)
  const validBytes = await validLength(path, size)
  if (durableHead !== undefined && last + validBytes < durableHead) {
    throw new LogCorruptError(
      `${path} is damaged at byte ${validBytes}, before byte ${durableHead - last} up to which it was durable; restore it from a copy`,
    )
  }
  if (validBytes < size) {
    warn(`cut ${size - validBytes} bytes of an unfinished write off ${path}; none of them was acknowledged`)
    const handle = await open(path, 'r+')
    try {
      await handle.truncate(validBytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
  return { segments, head: last + validBytes }
}

const CHUNK_BYTES = 8 * 1024 * 1024

const validLength = async (path: string, size: number): Promise<number> => {
  const handle = await open(path, 'r')
  try {
    let valid = 0
    let want = CHUNK_BYTES
    while (valid + FRAME_HEADER_BYTES <= size) {
      const buffer = Buffer.allocUnsafe(Math.min(want, size - valid))
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, valid)
      const filled = buffer.subarray(0, bytesRead)
      let at = 0
      let needed = 0
      for (;;) {
        const frame = readFrame(filled, at)
        if (frame === 'damaged') return valid + at
        if ('needed' in frame) {
          needed = frame.needed
          break
        }
        at += FRAME_HEADER_BYTES + frame.block.length
      }
      if (at === 0 && valid + needed > size) return valid
      valid += at
      want = Math.max(CHUNK_BYTES, needed)
    }
    return valid
  } finally {
    await handle.close()
  }
}
