/**
 * Entries of the message index: fingerprint and position, 20 bytes, little endian:
 *
 *   entry = fingerprintHigh:u32 fingerprintLow:u32 blockLow:u32 blockHigh:u32 index:u32
 *
 * A file holds the entries of one range of the log, sorted by `fingerprintHigh`.
 */
export const ENTRY_WORDS = 5
export const ENTRY_BYTES = ENTRY_WORDS * 4

/** Sorts by the upper half of the fingerprint: two passes of counting sort over 16 bits each. */
export const sortEntries = (entries: Uint32Array): Uint32Array => {
  const once = pass(entries, 0)
  return pass(once, 16)
}

const pass = (from: Uint32Array, shift: number): Uint32Array => {
  const starts = new Uint32Array(65_537)
  for (let at = 0; at < from.length; at += ENTRY_WORDS) {
    const bucket = (((from[at] as number) >>> shift) & 0xffff) + 1
    starts[bucket] = (starts[bucket] as number) + 1
  }
  for (let bucket = 1; bucket < starts.length; bucket++) {
    starts[bucket] = (starts[bucket] as number) + (starts[bucket - 1] as number)
  }
  const to = new Uint32Array(from.length)
  for (let at = 0; at < from.length; at += ENTRY_WORDS) {
    const bucket = ((from[at] as number) >>> shift) & 0xffff
    let target = (starts[bucket] as number) * ENTRY_WORDS
    starts[bucket] = (starts[bucket] as number) + 1
    for (let word = 0; word < ENTRY_WORDS; word++) to[target++] = from[at + word] as number
  }
  return to
}
