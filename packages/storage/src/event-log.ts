/**
 * The log is the truth: everything behind it is a consumer with a cursor and can be rebuilt from it.
 * An engine stores blocks of bytes and nothing else; what a block holds is the business of `block/`.
 */

/**
 * The place of a block in the log. Grows with every block, is never reused, and says nothing else to its users: in the
 * file engine it is a byte position, on Kafka a record offset.
 */
export type Offset = number

export interface LogBlock {
  offset: Offset
  /** The offset of the block that follows, or will follow. */
  next: Offset
  bytes: Buffer
}

export interface LogReader extends AsyncDisposable {
  /** The oldest block that is still kept; equal to `head()` when the log is empty. */
  tail(): Promise<Offset>
  /** Where the next block will go. Everything before it is durable. */
  head(): Promise<Offset>
  /**
   * Blocks from `from` (a block's offset) in order, at least one unless `from` is the head, then as many as fit in
   * `maxBytes`. A `from` before the tail starts at the tail. Rejects with `LogCorruptError` when a block is damaged.
   */
  read(from: Offset, maxBytes: number): Promise<readonly LogBlock[]>
}

export interface EventLog extends LogReader {
  /**
   * Resolves only once all blocks are durable, with their offsets in order. Rejects with `LogUnavailableError` when they
   * are not (disk full, broker unreachable); then none of them is in the log. Safe to call again at once. Calls may
   * overlap; blocks keep the order of the calls.
   */
  append(blocks: readonly Uint8Array[]): Promise<readonly Offset[]>
  /** The tail that `truncate(before)` would leave. */
  truncationPoint(before: Offset): Promise<Offset>
  /** Removes blocks before `before` where that is cheap (whole segments). Returns the new tail, which is never after `before`. */
  truncate(before: Offset): Promise<Offset>
}

/** The block was not stored. The caller answers 503; the sender keeps the message and tries again. */
export class LogUnavailableError extends Error {
  override readonly name = 'LogUnavailableError'
}

/** A stored block does not have its checksum. An operator restores the file named in the message from a copy. */
export class LogCorruptError extends Error {
  override readonly name = 'LogCorruptError'
}
