/**
 * A set of 64-bit fingerprints in one typed array: open addressing with linear probing, 8 bytes a slot, at most 3/4 full,
 * doubled as it grows. Measured against a JS Set of strings: 10 million ids in 128 MB instead of 4.5 GB.
 */
export class FingerprintSet {
  #slots: Uint32Array
  #mask: number
  size = 0

  constructor(initialSlots = 1 << 14) {
    this.#slots = new Uint32Array(initialSlots * 2)
    this.#mask = initialSlots - 1
  }

  get bytes(): number {
    return this.#slots.byteLength
  }

  has(low: number, high: number): boolean {
    return this.#slots[this.#find(low, high) + 1] !== 0
  }

  /** True if the fingerprint was not in the set. */
  add(low: number, high: number): boolean {
    const at = this.#find(low, high)
    const slots = this.#slots
    if (slots[at + 1] !== 0) return false
    slots[at] = low
    slots[at + 1] = high === 0 ? 1 : high
    this.size++
    if (this.size * 4 > (this.#mask + 1) * 3) this.#grow()
    return true
  }

  /** The position of the fingerprint or of the empty slot where it would go. An upper half of 0 marks empty, so it counts as 1. */
  #find(low: number, high: number): number {
    const slots = this.#slots
    const mask = this.#mask
    const upper = high === 0 ? 1 : high
    let slot = low & mask
    for (;;) {
      const at = slot << 1
      const found = slots[at + 1]
      if (found === 0 || (found === upper && slots[at] === low)) return at
      slot = (slot + 1) & mask
    }
  }

  #grow(): void {
    const old = this.#slots
    this.#slots = new Uint32Array(old.length * 2)
    this.#mask = this.#slots.length / 2 - 1
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1] === 0) continue
      const to = this.#find(old[at] as number, old[at + 1] as number)
      this.#slots[to] = old[at] as number
      this.#slots[to + 1] = old[at + 1] as number
    }
  }
}
