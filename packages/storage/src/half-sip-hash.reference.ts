/**
 * For tests: HalfSipHash-2-4 with a 64-bit tag, written from the algorithm as plainly as possible (BigInt words, no
 * unrolling), to compare the fast one with.
 */
type Word = bigint

const MASK = 0xffff_ffffn
const add = (a: Word, b: Word): Word => (a + b) & MASK
const rotate = (a: Word, bits: bigint): Word => ((a << bits) | (a >> (32n - bits))) & MASK

interface State {
  v: [Word, Word, Word, Word]
}

const rounds = (state: State, count: number): void => {
  for (let done = 0; done < count; done++) {
    let [v0, v1, v2, v3] = state.v
    // The upper and the lower half of a round: each mixes two pairs, then the pairs change partners.
    ;[v0, v2] = [add(v0, v1), add(v2, v3)]
    ;[v1, v3] = [rotate(v1, 5n) ^ v0, rotate(v3, 8n) ^ v2]
    v0 = rotate(v0, 16n)
    ;[v2, v0] = [add(v2, v1), add(v0, v3)]
    ;[v1, v3] = [rotate(v1, 13n) ^ v2, rotate(v3, 7n) ^ v0]
    v2 = rotate(v2, 16n)
    state.v = [v0, v1, v2, v3]
  }
}

/** The tag of words; the last one is the padded end of the message with its length. */
export const halfSipHashOfWords = (key: Uint8Array, words: readonly number[]): { low: number; high: number } => {
  const view = new DataView(key.buffer, key.byteOffset, 8)
  const [k0, k1] = [BigInt(view.getUint32(0, true)), BigInt(view.getUint32(4, true))]
  // The second constant of SipHash's initial state is zero in the half version; 0xee and 0xdd mark the 64-bit tag.
  const state: State = { v: [k0, k1 ^ 0xeen, 0x6c796765n ^ k0, 0x74656462n ^ k1] }
  for (const word of words) {
    const m = BigInt(word >>> 0)
    state.v[3] ^= m
    rounds(state, 2)
    state.v[0] ^= m
  }
  state.v[2] ^= 0xeen
  rounds(state, 4)
  const low = state.v[1] ^ state.v[3]
  state.v[1] ^= 0xddn
  rounds(state, 4)
  const high = state.v[1] ^ state.v[3]
  return { low: Number(low), high: Number(high) }
}

/** The tag of bytes as the algorithm's authors define it: little-endian words, the length in the last byte. */
export const halfSipHashOfBytes = (key: Uint8Array, bytes: Uint8Array): { low: number; high: number } => {
  const padded = new Uint8Array((Math.floor(bytes.length / 4) + 1) * 4)
  padded.set(bytes)
  padded[padded.length - 1] = bytes.length & 0xff
  const view = new DataView(padded.buffer)
  return halfSipHashOfWords(
    key,
    Array.from({ length: padded.length / 4 }, (_, index) => view.getUint32(index * 4, true)),
  )
}
