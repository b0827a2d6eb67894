import * as fc from 'fast-check'
import { factAbout } from '../fact.ts'
import type { Fact } from '../fact.ts'

export const fact = (
  one: string,
  other: string,
  timeMs: number,
  { explicit = false, messageId = `m${timeMs}` }: { explicit?: boolean; messageId?: string } = {},
): Fact => {
  const made = factAbout(one, other, { timeMs, messageId, explicit })
  if (made === undefined) throw new Error(`${one} is no fact about itself`)
  return made
}

const NAMES = [
  ...['u1', 'u2', 'u3', 'u4'].map((value) => `userId:${value}`),
  ...['a1', 'a2', 'a3', 'a4', 'a5', 'a6'].map((value) => `anonymousId:${value}`),
  ...['e1', 'e2', 'e3'].map((value) => `email:${value}@x.org`),
]

/** Few identifiers and few times, so that facts meet, and tie. */
export const arbitraryFacts = fc.array(
  fc
    .record({
      one: fc.constantFrom(...NAMES),
      other: fc.constantFrom(...NAMES),
      timeMs: fc.integer({ min: 1, max: 12 }),
      message: fc.integer({ min: 1, max: 30 }),
      explicit: fc.boolean(),
    })
    .filter(({ one, other }) => one !== other)
    .map(({ one, other, timeMs, message, explicit }) =>
      fact(one, other, timeMs, { explicit, messageId: `m${message}` }),
    ),
  { minLength: 1, maxLength: 40 },
)
