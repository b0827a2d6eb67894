import type { Offset } from './event-log.ts'

/** The next message that a consumer will look at: row `index` of the block at `block`. */
export interface Cursor {
  block: Offset
  index: number
}

export const startOfLog: Cursor = { block: 0, index: 0 }

/** Negative when `a` is before `b`, zero when equal. */
export const compareCursors = (a: Cursor, b: Cursor): number => a.block - b.block || a.index - b.index
