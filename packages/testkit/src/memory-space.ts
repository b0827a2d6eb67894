import { decodeKey, encodeKey, prefixEnd } from '@millrace/storage'
import type { Key, ScanOptions, StateEntry } from '@millrace/storage'

interface Stored {
  bytes: Buffer
  value: Uint8Array
}

/** One space of `MemoryStateStore`: entries in the order of their encoded keys. */
export class MemorySpace {
  #entries: Stored[]

  constructor(entries: Stored[] = []) {
    this.#entries = entries
  }

  copy(): MemorySpace {
    return new MemorySpace([...this.#entries])
  }

  get(key: Key): Uint8Array | undefined {
    const bytes = encodeKey(key)
    const found = this.#entries[this.#indexOf(bytes)]
    return found !== undefined && found.bytes.equals(bytes) ? new Uint8Array(found.value) : undefined
  }

  scan(options: ScanOptions): StateEntry[] {
    const prefix = encodeKey(options.prefix ?? [])
    const from = encodeKey(options.from ?? [])
    const first = this.#indexOf(Buffer.compare(prefix, from) > 0 ? prefix : from)
    const end = Math.min(this.#endOf(prefixEnd(prefix)), this.#endOf(options.to && encodeKey(options.to)))
    const within = this.#entries.slice(first, Math.max(first, end))
    if (options.reverse === true) within.reverse()
    return within.slice(0, options.limit ?? 1000).map(entryOf)
  }

  floor(key: Key): StateEntry | undefined {
    const bytes = encodeKey(key)
    const at = this.#indexOf(bytes)
    const found = this.#entries[at]?.bytes.equals(bytes) ? this.#entries[at] : this.#entries[at - 1]
    return found && entryOf(found)
  }

  put(key: Key, value: Uint8Array): void {
    const bytes = encodeKey(key)
    const at = this.#indexOf(bytes)
    const replaced = this.#entries[at]?.bytes.equals(bytes) ? 1 : 0
    this.#entries.splice(at, replaced, { bytes, value: new Uint8Array(value) })
  }

  delete(key: Key): void {
    const bytes = encodeKey(key)
    const at = this.#indexOf(bytes)
    if (this.#entries[at]?.bytes.equals(bytes)) this.#entries.splice(at, 1)
  }

  deleteRange(from: Key, to: Key): void {
    const first = this.#indexOf(encodeKey(from))
    this.#entries.splice(first, Math.max(0, this.#indexOf(encodeKey(to)) - first))
  }

  #endOf(bytes: Buffer | undefined): number {
    return bytes === undefined ? this.#entries.length : this.#indexOf(bytes)
  }

  /** Where the first key is that is not before `bytes`. */
  #indexOf(bytes: Buffer): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (Buffer.compare((this.#entries[middle] as Stored).bytes, bytes) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

const entryOf = ({ bytes, value }: Stored): StateEntry => ({ key: decodeKey(bytes), value: new Uint8Array(value) })
