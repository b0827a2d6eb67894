import * as fc from 'fast-check'
import { Component } from '../component.ts'
import { factAbout } from '../fact.ts'
import type { Fact } from '../fact.ts'
import type { Fold } from '../fold.ts'
import type { Rules } from '../rule-set.ts'

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

/** Everything that a fold says, as one text: equal texts are equal graphs. */
export const graphOf = (fold: Fold): string => {
  const profiles = [...fold.profiles]
    .map(({ first, members, merges, counts }) => ({
      first,
      members: members.toSorted(),
      merges,
      counts: [...counts].sort(([one], [other]) => (one < other ? -1 : 1)),
    }))
    .sort((one, other) => (one.first < other.first ? -1 : 1))
  const links = fold.links.filter(({ status }) => status !== 'cut')
  return JSON.stringify({ profiles, links })
}

/** The graphs of the components of some facts, each folded by itself from nothing. */
export const graphOfAll = (facts: readonly Fact[], rules: Rules): string => {
  const parts: Fact[][] = []
  for (const each of facts) {
    const isTouching = (part: Fact[]): boolean =>
      part.some(({ a, b }) => a === each.a || a === each.b || b === each.a || b === each.b)
    const touching = parts.filter(isTouching)
    for (const part of touching) parts.splice(parts.indexOf(part), 1)
    parts.push([...touching.flat(), each])
  }
  return parts
    .map((part) => graphOf(new Component(0, rules, new Map(), part).fold))
    .sort()
    .join('\n')
}
