import { CursorMovedBackError, compareCursors } from '@millrace/storage'
import type { Cursor, Key, ScanOptions, StateEntry, StateReader, StateStore, StateTransaction } from '@millrace/storage'
import { MemorySpace } from './memory-space.ts'

/**
 * A `StateStore` in memory. A transaction works on what it copied (each touched space, counters and cursors) and is
 * published whole, so a version that a snapshot holds never changes.
 */
export class MemoryStateStore implements StateStore {
  #version: Version = { spaces: new Map(), counters: new Map(), cursors: new Map() }
  #failures: Error[] = []

  /** The next transaction runs `write`, then commits nothing and rejects with this error. */
  failNextTransaction(error: Error = new Error('a test made this transaction fail')): void {
    this.#failures.push(error)
  }

  async transaction(write: (tx: StateTransaction) => void): Promise<void> {
    const transaction = new MemoryTransaction(this.#version)
    write(transaction)
    const failure = this.#failures.shift()
    if (failure !== undefined) throw failure
    this.#version = transaction.version
  }

  /** Nothing of it survives anything. */
  async sync(): Promise<void> {}

  async snapshot<T>(read: (reader: StateReader) => Promise<T>): Promise<T> {
    return read(new VersionReader(this.#version))
  }

  get(space: string, key: Key): Promise<Uint8Array | undefined> {
    return new VersionReader(this.#version).get(space, key)
  }
  scan(space: string, options?: ScanOptions): Promise<readonly StateEntry[]> {
    return new VersionReader(this.#version).scan(space, options)
  }
  floor(space: string, key: Key): Promise<StateEntry | undefined> {
    return new VersionReader(this.#version).floor(space, key)
  }
  counters(prefix: string): Promise<ReadonlyMap<string, number>> {
    return new VersionReader(this.#version).counters(prefix)
  }
  cursor(consumer: string): Promise<Cursor | undefined> {
    return new VersionReader(this.#version).cursor(consumer)
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

interface Version {
  spaces: Map<string, MemorySpace>
  counters: Map<string, number>
  cursors: Map<string, Cursor>
}

class VersionReader implements StateReader {
  readonly #version: Version

  constructor(version: Version) {
    this.#version = version
  }

  async get(space: string, key: Key): Promise<Uint8Array | undefined> {
    return this.#version.spaces.get(space)?.get(key)
  }
  async scan(space: string, options: ScanOptions = {}): Promise<readonly StateEntry[]> {
    return this.#version.spaces.get(space)?.scan(options) ?? []
  }
  async floor(space: string, key: Key): Promise<StateEntry | undefined> {
    return this.#version.spaces.get(space)?.floor(key)
  }
  async counters(prefix: string): Promise<ReadonlyMap<string, number>> {
    return new Map([...this.#version.counters].filter(([name]) => name.startsWith(prefix)))
  }
  async cursor(consumer: string): Promise<Cursor | undefined> {
    const cursor = this.#version.cursors.get(consumer)
    return cursor && { ...cursor }
  }
}

class MemoryTransaction implements StateTransaction {
  readonly version: Version
  readonly #copied = new Set<string>()

  constructor(base: Version) {
    this.version = {
      spaces: new Map(base.spaces),
      counters: new Map(base.counters),
      cursors: new Map(base.cursors),
    }
  }

  put(space: string, key: Key, value: Uint8Array): void {
    this.#space(space).put(key, value)
  }
  delete(space: string, key: Key): void {
    this.#space(space).delete(key)
  }
  deleteRange(space: string, from: Key, to: Key): void {
    this.#space(space).deleteRange(from, to)
  }

  add(counter: string, delta: number): void {
    this.version.counters.set(counter, (this.version.counters.get(counter) ?? 0) + delta)
  }

  setCursor(consumer: string, cursor: Cursor, options: { rewind?: boolean } = {}): void {
    const current = this.version.cursors.get(consumer)
    if (current !== undefined && options.rewind !== true && compareCursors(cursor, current) < 0) {
      throw new CursorMovedBackError(consumer, current, cursor)
    }
    this.version.cursors.set(consumer, { block: cursor.block, index: cursor.index })
  }

  deleteCursor(consumer: string): void {
    this.version.cursors.delete(consumer)
  }

  #space(name: string): MemorySpace {
    const known = this.version.spaces.get(name)
    if (known !== undefined && this.#copied.has(name)) return known
    const own = known?.copy() ?? new MemorySpace()
    this.version.spaces.set(name, own)
    this.#copied.add(name)
    return own
  }
}
