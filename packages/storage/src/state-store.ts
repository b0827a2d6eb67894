import type { Cursor } from './cursor.ts'

/**
 * State that consumers derive from the log, and the cursors that say how far they came. A consumer commits its cursor in
 * the same transaction as the state that the messages changed; that is what makes state exactly-once.
 *
 * A store has one writer. It is an ordered map of keys to bytes in named spaces, plus counters. A commit may be lost in
 * a power failure, but only together with every later one: what is read back is always a prefix of what was committed,
 * and the log, which is durable, brings the rest again.
 */

export type KeyPart = string | number
/** Ordered part by part: numbers (non-negative integers) by value and before strings, strings by UTF-8 bytes. */
export type Key = readonly KeyPart[]

export interface StateEntry {
  key: Key
  value: Uint8Array
}

export interface ScanOptions {
  /** Only keys that begin with these parts. */
  prefix?: Key
  /** Inclusive. */
  from?: Key
  /** Exclusive. */
  to?: Key
  /** Default 1,000. */
  limit?: number
  reverse?: boolean
}

export interface StateReader {
  get(space: string, key: Key): Promise<Uint8Array | undefined>
  scan(space: string, options?: ScanOptions): Promise<readonly StateEntry[]>
  /** The entry with the greatest key that is not after `key`. */
  floor(space: string, key: Key): Promise<StateEntry | undefined>
  /** All counters whose name begins with `prefix`. */
  counters(prefix: string): Promise<ReadonlyMap<string, number>>
  cursor(consumer: string): Promise<Cursor | undefined>
}

export interface StateTransaction {
  put(space: string, key: Key, value: Uint8Array): void
  delete(space: string, key: Key): void
  /** Removes keys from `from` (inclusive) to `to` (exclusive). */
  deleteRange(space: string, from: Key, to: Key): void
  add(counter: string, delta: number): void
  /** Moves a cursor. Going back is an error unless `rewind` says that it is meant. */
  setCursor(consumer: string, cursor: Cursor, options?: { rewind?: boolean }): void
  deleteCursor(consumer: string): void
}

export interface StateStore extends StateReader, AsyncDisposable {
  /**
   * Runs `write`, then commits all that it wrote, or, if it throws, nothing. `write` is synchronous: what it needs to
   * read is read before. Rejects with the engine's error (disk full, …), having changed nothing.
   */
  transaction(write: (tx: StateTransaction) => void): Promise<void>
  /** Resolves once everything committed so far survives a power failure. Asked before the log gives up what it could bring again. */
  sync(): Promise<void>
  /** Reads that all see the same commit: the last one before `read` is called. */
  snapshot<T>(read: (reader: StateReader) => Promise<T>): Promise<T>
}

export class CursorMovedBackError extends Error {
  override readonly name = 'CursorMovedBackError'
  constructor(consumer: string, from: Cursor, to: Cursor) {
    super(
      `cursor of "${consumer}" would go back from ${from.block}:${from.index} to ${to.block}:${to.index}; pass { rewind: true } if that is meant`,
    )
  }
}
