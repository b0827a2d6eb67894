/**
 * A small seeded generator (mulberry32, a public-domain 32-bit generator by Tommy Ettinger), so that a failing test can be
 * run again with the same numbers. Not for secrets.
 */
export interface Random {
  /** The seed that `seededRandom` was given. */
  readonly seed: number
  /** A number in [0, 1). */
  next(): number
  /** An integer in [0, below). */
  integer(below: number): number
  pick<T>(values: readonly T[]): T
  bytes(length: number): Buffer
  /** Lower-case hexadecimal digits. */
  hex(length: number): string
  /** A random UUID, version 4. */
  uuid(): string
}

export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0
  const next32 = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const integer = (below: number): number => Math.floor((next32() / 0x1_0000_0000) * below)
  const hex = (length: number): string => {
    let text = ''
    while (text.length < length) text += next32().toString(16).padStart(8, '0')
    return text.slice(0, length)
  }
  return {
    seed,
    next: () => next32() / 0x1_0000_0000,
    integer,
    pick: <T>(values: readonly T[]): T => {
      if (values.length === 0) throw new RangeError('cannot pick from an empty list')
      return values[integer(values.length)] as T
    },
    bytes: (length) => {
      const bytes = Buffer.alloc(length)
      let at = 0
      for (; at + 4 <= length; at += 4) bytes.writeUInt32LE(next32(), at)
      for (; at < length; at++) bytes[at] = next32() & 0xff
      return bytes
    },
    hex,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'[integer(4)]}${hex(3)}-${hex(12)}`,
  }
}

/**
 * A generator for one test file: seeded from the environment's MILLRACE_SEED, else at random, and the seed is printed.
 * @param what What the numbers are for, in the printed line.
 */
export const randomFromEnvironment = (what: string, print: (line: string) => void = console.log): Random => {
  const given = process.env['MILLRACE_SEED']
  const seed = given === undefined ? Math.floor(Math.random() * 0x1_0000_0000) : Number(given)
  if (!Number.isSafeInteger(seed)) throw new RangeError(`MILLRACE_SEED must be an integer, not "${given}"`)
  print(`${what}: MILLRACE_SEED=${seed}`)
  return seededRandom(seed)
}
