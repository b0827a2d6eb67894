/** After so many were taken, the room they held is given back. */
const COMPACT_AFTER = 1_024

/** First in, first out, in constant time, however long it is. */
export class Fifo<T> {
  #items: T[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  /** The item that `at` others are before. */
  peek(at = 0): T | undefined {
    return this.#items[this.#head + at]
  }

  /** Takes out the first `count`. */
  drop(count: number): void {
    this.#head += count
    if (this.#head < COMPACT_AFTER || this.#head * 2 < this.#items.length) return
    this.#items = this.#items.slice(this.#head)
    this.#head = 0
  }

  shift(): T | undefined {
    const item = this.peek()
    if (this.length > 0) this.drop(1)
    return item
  }
}
