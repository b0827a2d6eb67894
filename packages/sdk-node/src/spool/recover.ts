import type { Buffer } from 'node:buffer'
import { rmSync } from 'node:fs'
import { isBefore, SegmentReader, segmentPath, segmentsIn } from './segments.ts'
import type { Place } from './segments.ts'

/** What a spool finds of the process before. */
export interface Recovered {
  /** Messages that are not settled. */
  messages: number
  /** Where they begin. */
  start: Place
  bytes: number
  /** Number of the next file. */
  next: number
}

/** Looks through the files of a folder from the cursor on. Files that are settled are removed. */
export const recover = (folder: string, cursor: Place): Recovered => {
  const all = segmentsIn(folder)
  const left = all.filter((segment) => segment >= cursor.segment)
  for (const segment of all) if (segment < cursor.segment) rmSync(segmentPath(folder, segment))
  const next = Math.max(cursor.segment, all.at(-1) ?? 0) + 1
  const first = { segment: left[0] ?? next, offset: 0 }
  const start = isBefore(first, cursor) && first.segment === cursor.segment ? cursor : first
  let messages = 0
  let bytes = 0
  for (const segment of left) {
    const reader = new SegmentReader(folder, { segment, offset: segment === start.segment ? start.offset : 0 })
    try {
      for (let line = reader.next(); line !== undefined; line = reader.next()) {
        if (!isMessage(line)) continue
        messages += 1
        bytes += line.length + 1
      }
    } finally {
      reader.close()
    }
  }
  return { messages, start, bytes, next }
}

/** Whether a line that another process wrote is one that can be sent; power cuts leave lines of zeros, and parts of lines. */
export const isMessage = (line: Buffer): boolean => {
  try {
    return line[0] === 0x7b && typeof JSON.parse(line.toString()) === 'object'
  } catch {
    return false
  }
}
