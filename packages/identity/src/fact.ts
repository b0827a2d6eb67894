import { typeOf } from './identifier.ts'
import type { IdentifierName } from './identifier.ts'
import { compareText } from './rule-set.ts'
import type { Rules } from './rule-set.ts'

/**
 * That two identifiers belong together: the earliest evidence for one pair. Facts are all that is stored of identity;
 * profiles are computed from them.
 */
export interface Fact {
  /** The two names, `a` before `b` by code units. */
  readonly a: IdentifierName
  readonly b: IdentifierName
  /** Identity time of the message: its timestamp, not before `receivedAt` − 30 days and not after `receivedAt`. */
  readonly timeMs: number
  readonly messageId: string
  /** Somebody said so (alias), rather than that both stood in one message: limits of types do not hold for it. */
  readonly explicit: boolean
}

/** One text for a pair. A name may hold anything, so the parts are told apart by their lengths. */
export type PairName = string

export const pairOf = ({ a, b }: Pick<Fact, 'a' | 'b'>): PairName => `${a.length}:${a}${b}`

/** A pair has at most one fact of each kind: what was said counts beside what was seen, even when it is later. */
export const factName = (fact: Pick<Fact, 'a' | 'b' | 'explicit'>): string =>
  `${fact.explicit ? '!' : ''}${pairOf(fact)}`

/** Makes a fact with its names in order; undefined for an identifier and itself. */
export const factAbout = (
  one: IdentifierName,
  other: IdentifierName,
  evidence: Pick<Fact, 'timeMs' | 'messageId' | 'explicit'>,
): Fact | undefined => {
  if (one === other) return undefined
  const { timeMs, messageId, explicit } = evidence
  return one < other
    ? { a: one, b: other, timeMs, messageId, explicit }
    : { a: other, b: one, timeMs, messageId, explicit }
}

/** Whether evidence comes before what is known of the same pair. */
export const isEarlier = (one: Evidence, other: Evidence): boolean => compareEvidence(one, other) < 0

type Evidence = Pick<Fact, 'timeMs' | 'messageId'>

const compareEvidence = (one: Evidence, other: Evidence): number =>
  one.timeMs - other.timeMs || compareText(one.messageId, other.messageId)

/**
 * The order of the fold: by identity time, then message, then pair. The pairs of one message come in order of the priority
 * of their identifiers, so that of two links that exclude each other the one that matters less is refused.
 */
export const factOrder =
  (rules: Rules) =>
  (one: Fact, other: Fact): number =>
    compareEvidence(one, other) || comparePairs(rules, one, other) || Number(other.explicit) - Number(one.explicit)

const comparePairs = (rules: Rules, one: Fact, other: Fact): number => {
  const [best, second] = byPriority(rules, one)
  const [otherBest, otherSecond] = byPriority(rules, other)
  return compareNames(rules, best, otherBest) || compareNames(rules, second, otherSecond)
}

const byPriority = (rules: Rules, { a, b }: Fact): readonly [IdentifierName, IdentifierName] =>
  compareNames(rules, a, b) <= 0 ? [a, b] : [b, a]

/** Orders identifiers by the priority of their types, then by name. */
export const compareNames = (rules: Rules, one: IdentifierName, other: IdentifierName): number =>
  rules.compareTypes(typeOf(one), typeOf(other)) || compareText(one, other)
