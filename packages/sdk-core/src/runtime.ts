/**
 * What the SDKs need of the machine they run on. It is handed in, so that the same code runs in browsers and in Node, and
 * tests decide what time it is.
 */
export interface Runtime {
  /** Milliseconds since 1970. */
  now: () => number
  /** At least 0, below 1. */
  random: () => number
  /** A new id that nobody else has: UUID, version 4. */
  newId: () => string
  /** Runs once after so many milliseconds; gives what `clearTimer` takes. */
  setTimer: (run: () => void, ms: number) => unknown
  clearTimer: (timer: unknown) => void
}

/** A UUID, version 4, of 16 random bytes. For where there is no `crypto.randomUUID`, which pages without TLS have not. */
export const uuidOf = (bytes: Uint8Array): string => {
  const hex = Array.from(bytes, (byte, at) =>
    ((at === 6 ? (byte & 15) | 64 : at === 8 ? (byte & 63) | 128 : byte) + 256).toString(16).slice(1),
  ).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
