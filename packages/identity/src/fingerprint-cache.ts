/**
 * A bounded map from 64-bit fingerprints to two numbers: four slots to a bucket, and a new entry takes the place of one of
 * its bucket by turns. 24 bytes a slot, all allocated at once, so what it costs is known. What it forgets is looked up on
 * disk.
 */
export class FingerprintCache {
  readonly #low: Uint32Array
  readonly #high: Uint32Array
  /** The two numbers of each slot; NaN in the first marks an empty one. */
  readonly first: Float64Array
  readonly second: Float64Array
  readonly #mask: number
  #victim = 0

  /** @param slots A power of two. */
  constructor(slots: number) {
    if (slots < WAYS || (slots & (slots - 1)) !== 0) throw new RangeError(`slots must be a power of two, not ${slots}`)
    this.#low = new Uint32Array(slots)
    this.#high = new Uint32Array(slots)
    this.first = new Float64Array(slots).fill(Number.NaN)
    this.second = new Float64Array(slots)
    this.#mask = slots / WAYS - 1
  }

  /** The slot of a fingerprint; -1 when nothing is known of it. */
  find(low: number, high: number): number {
    const first = (low & this.#mask) * WAYS
    for (let at = first; at < first + WAYS; at++) {
      if (this.#low[at] === low && this.#high[at] === high) return Number.isNaN(this.first[at]) ? -1 : at
    }
    return -1
  }

  /** @returns The slot. */
  set(low: number, high: number, firstNumber: number, secondNumber = 0): number {
    const first = (low & this.#mask) * WAYS
    let free = -1
    for (let at = first; at < first + WAYS; at++) {
      if (this.#low[at] === low && this.#high[at] === high) {
        this.first[at] = firstNumber
        this.second[at] = secondNumber
        return at
      }
      if (free === -1 && Number.isNaN(this.first[at])) free = at
    }
    if (free === -1) {
      this.#victim = (this.#victim + 1) % WAYS
      free = first + this.#victim
    }
    this.#low[free] = low
    this.#high[free] = high
    this.first[free] = firstNumber
    this.second[free] = secondNumber
    return free
  }

  delete(low: number, high: number): void {
    const at = this.find(low, high)
    if (at !== -1) this.first[at] = Number.NaN
  }

  clear(): void {
    this.first.fill(Number.NaN)
  }
}

const WAYS = 4
