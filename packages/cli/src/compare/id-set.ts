import { hash } from 'node:crypto'

/**
 * Many ids in little memory: 64 bits of a hash each, sorted once all are added. Two of ten million ids share theirs with a
 * chance of one in 370,000; an id is then taken for one of the file that it is not.
 */
export class IdSet {
  readonly #limit: number
  #fingerprints = new BigUint64Array(1024)
  #added = 0
  #size = 0

  /** `limit` ids at most, 8 bytes each. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** False when it is full. Not after `seal`. */
  add(id: string): boolean {
    if (this.#added === this.#limit) return false
    if (this.#added === this.#fingerprints.length) {
      const larger = new BigUint64Array(this.#added * 2)
      larger.set(this.#fingerprints)
      this.#fingerprints = larger
    }
    this.#fingerprints[this.#added++] = fingerprintOf(id)
    return true
  }

  /** Makes it ready for questions; gives how many ids were added again. */
  seal(): number {
    const sorted = this.#fingerprints.subarray(0, this.#added).sort()
    this.#size = 0
    for (const [index, value] of sorted.entries()) {
      if (index === 0 || value !== sorted[this.#size - 1]) sorted[this.#size++] = value
    }
    return this.#added - this.#size
  }

  has(id: string): boolean {
    const wanted = fingerprintOf(id)
    let low = 0
    let high = this.#size
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#fingerprints[middle] as bigint) < wanted) low = middle + 1
      else high = middle
    }
    return low < this.#size && this.#fingerprints[low] === wanted
  }
}

const fingerprintOf = (id: string): bigint => hash('sha256', id, 'buffer').readBigUInt64LE(0)
