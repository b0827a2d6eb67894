import { compareNames, factOrder, pairOf } from './fact.ts'
import type { Fact, PairName } from './fact.ts'
import { identifierOf, typeOf } from './identifier.ts'
import type { IdentifierName } from './identifier.ts'
import { isBlocked } from './blocked-values.ts'
import type { Rules } from './rule-set.ts'

/**
 * Profiles are a left fold over facts in the order of `factOrder`. Each step looks only at what came before it in that
 * order: a link that would break a limit is refused, and earlier ones stay. So the outcome depends on the facts, the cuts
 * and the rules, and not on the order in which messages arrived.
 */
export class Fold {
  readonly #rules: Rules
  readonly #cuts: Cuts
  readonly #nodes = new Map<IdentifierName, Node>()
  readonly #links: Link[] = []

  constructor(rules: Rules, cuts: Cuts) {
    this.#rules = rules
    this.#cuts = cuts
  }

  /** Folds facts in any order. */
  static of(facts: Iterable<Fact>, rules: Rules, cuts: Cuts): Fold {
    const fold = new Fold(rules, cuts)
    for (const fact of [...facts].sort(factOrder(rules))) fold.add(fact)
    return fold
  }

  /** What became of each fact, in the order of the fold. */
  get links(): readonly Link[] {
    return this.#links
  }

  /** Profiles of two identifiers and more. One that is in no accepted link is a profile of its own. */
  get profiles(): ReadonlySet<Profile> {
    const profiles = new Set<Profile>()
    for (const { profile } of this.#nodes.values()) if (profile.members.length > 1) profiles.add(profile)
    return profiles
  }

  profileOf(name: IdentifierName): Profile | undefined {
    return this.#nodes.get(name)?.profile
  }

  /** Adds the fact that comes after all that were added. */
  add(fact: Fact): Link {
    const link: Link = { fact, ...this.#decide(fact) }
    this.#links.push(link)
    return link
  }

  #decide(fact: Fact): Decision {
    const cut = this.#cuts.get(pairOf(fact))
    if (cut !== undefined && fact.timeMs >= (cut.fromMs ?? 0)) return { status: 'cut' }
    const { blockedValues } = this.#rules
    // Values of the built-in list make no facts.
    if (blockedValues.size > 0) {
      for (const name of [fact.a, fact.b]) {
        if (isBlocked(identifierOf(name).value, blockedValues)) {
          return { status: 'refused', reason: 'blocked_value', identifier: name }
        }
      }
    }
    const one = this.#node(fact.a)
    const other = this.#node(fact.b)
    const refusal = one.profile === other.profile ? undefined : this.#refusal(fact, one, other)
    one.links++
    other.links++
    if (refusal !== undefined) return refusal
    if (one.profile !== other.profile) this.#merge(one.profile, other.profile)
    return { status: 'joined' }
  }

  #refusal(fact: Fact, one: Node, other: Node): Decision | undefined {
    const { hubLinks, maxIdentifiers, maxMerges } = this.#rules
    if (one.links >= hubLinks) return { status: 'refused', reason: 'hub', identifier: fact.a }
    if (other.links >= hubLinks) return { status: 'refused', reason: 'hub', identifier: fact.b }
    if (!fact.explicit) {
      const type = this.#typeOverLimit(one.profile, other.profile)
      if (type !== undefined) return { status: 'refused', reason: 'limit', type }
    }
    if (one.profile.members.length + other.profile.members.length > maxIdentifiers) {
      return { status: 'refused', reason: 'too_many_identifiers' }
    }
    if (mergesOf(one.profile, other.profile) > maxMerges) return { status: 'refused', reason: 'too_many_merges' }
    return undefined
  }

  /** A type of which the joined profile would have too many values, and more than either had: an explicit link may have gone over the limit before. */
  #typeOverLimit(one: Profile, other: Profile): string | undefined {
    let worst: string | undefined
    for (const [type, count] of one.counts) {
      const added = other.counts.get(type)
      if (added === undefined || count + added <= this.#rules.limitOf(type)) continue
      if (worst === undefined || this.#rules.compareTypes(type, worst) < 0) worst = type
    }
    return worst
  }

  #merge(one: Profile, other: Profile): void {
    const [large, small] = one.members.length >= other.members.length ? [one, other] : [other, one]
    large.merges = mergesOf(one, other)
    if (compareNames(this.#rules, small.first, large.first) < 0) large.first = small.first
    for (const name of small.members) {
      large.members.push(name)
      ;(this.#nodes.get(name) as Node).profile = large
    }
    for (const [type, count] of small.counts) large.counts.set(type, (large.counts.get(type) ?? 0) + count)
  }

  #node(name: IdentifierName): Node {
    let node = this.#nodes.get(name)
    if (node === undefined) {
      const profile = { first: name, members: [name], counts: new Map([[typeOf(name), 1]]), merges: 0 }
      this.#nodes.set(name, (node = { profile, links: 0 }))
    }
    return node
  }
}

/** Two profiles that had links already count as a merge; a single identifier that comes to one does not. */
const mergesOf = (one: Profile, other: Profile): number =>
  one.merges + other.merges + (one.members.length > 1 && other.members.length > 1 ? 1 : 0)

interface Node {
  profile: Profile
  /** Facts that name it, refused ones included: what a hub is judged by. */
  links: number
}

/** Identifiers that belong to one person. */
export interface Profile {
  /** The best by priority, then by name: the profile is called after it. */
  first: IdentifierName
  members: IdentifierName[]
  counts: Map<string, number>
  merges: number
}

/** An undone link: its evidence from a time on, or all of it, does not count. */
export interface Cut {
  readonly fromMs?: number | undefined
}
export type Cuts = ReadonlyMap<PairName, Cut>

export type Decision =
  | { readonly status: 'joined' }
  | { readonly status: 'cut' }
  | { readonly status: 'refused'; readonly reason: 'limit'; readonly type: string }
  | { readonly status: 'refused'; readonly reason: 'hub' | 'blocked_value'; readonly identifier: IdentifierName }
  | { readonly status: 'refused'; readonly reason: 'too_many_identifiers' | 'too_many_merges' }

/** A fact and what became of it. */
export type Link = { readonly fact: Fact } & Decision
