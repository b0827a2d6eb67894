/** What may be joined. Links are computed under one rule set; another one gives another graph from the same facts. */
export interface RuleSet {
  /** In order of priority: the first names the profile best. Types that are not listed come after them, by name. */
  readonly types: readonly IdentifierRule[]
  /** How many values of a type that is not listed a profile may have. */
  readonly defaultLimit: number
  /** Values that take no part in links, beside the built-in list. */
  readonly blockedValues: readonly string[]
  /** Identifiers in one profile. */
  readonly maxIdentifiers: number
  /** How often a profile may absorb another one, those that the other had absorbed included. */
  readonly maxMerges: number
  /** An identifier in so many links, refused ones included, is a hub: what comes later does not join anything through it. */
  readonly hubLinks: number
}

export interface IdentifierRule {
  readonly type: string
  /** How many values of this type one profile may have. */
  readonly limit: number
}

/** Limits and caps are Segment's defaults. */
export const defaultRules: RuleSet = {
  types: [
    { type: 'userId', limit: 1 },
    { type: 'email', limit: 5 },
    { type: 'phone', limit: 5 },
    { type: 'anonymousId', limit: 5 },
  ],
  defaultLimit: 5,
  blockedValues: [],
  maxIdentifiers: 1_000,
  maxMerges: 100,
  hubLinks: 1_000,
}

/** The part of a rule set that a workspace may choose. */
export interface RuleSettings {
  readonly maxUserIds: number
  readonly maxAnonymousIds: number
  readonly blockedValues: readonly string[]
  readonly maxIdentifiers: number
  readonly maxMerges: number
  readonly maxLinks: number
}

/** The default rules with the limits that a workspace chose. Types and their priority stay: facts depend on these. */
export const ruleSetOf = (settings: RuleSettings): RuleSet => ({
  ...defaultRules,
  types: defaultRules.types.map((rule) => {
    if (rule.type === 'userId') return { ...rule, limit: settings.maxUserIds }
    return rule.type === 'anonymousId' ? { ...rule, limit: settings.maxAnonymousIds } : rule
  }),
  blockedValues: settings.blockedValues,
  maxIdentifiers: settings.maxIdentifiers,
  maxMerges: settings.maxMerges,
  hubLinks: settings.maxLinks,
})

/** A rule set made ready for many look-ups. */
export class Rules {
  /** Equal texts are equal rules. */
  readonly text: string
  readonly maxIdentifiers: number
  readonly maxMerges: number
  readonly hubLinks: number
  readonly blockedValues: ReadonlySet<string>
  readonly #ranks: ReadonlyMap<string, number>
  readonly #limits: ReadonlyMap<string, number>
  readonly #defaultLimit: number

  constructor(rules: RuleSet) {
    this.text = JSON.stringify(rules)
    this.maxIdentifiers = rules.maxIdentifiers
    this.maxMerges = rules.maxMerges
    this.hubLinks = rules.hubLinks
    this.blockedValues = new Set(rules.blockedValues)
    this.#ranks = new Map(rules.types.map(({ type }, at) => [type, at]))
    this.#limits = new Map(rules.types.map(({ type, limit }) => [type, limit]))
    this.#defaultLimit = rules.defaultLimit
  }

  /** The types that the rules name, the best first. */
  get types(): readonly string[] {
    return [...this.#ranks.keys()]
  }

  isKnownType(type: string): boolean {
    return this.#ranks.has(type)
  }

  limitOf(type: string): number {
    return this.#limits.get(type) ?? this.#defaultLimit
  }

  /** Orders types by priority, the best first; types that the rules do not name by their names. */
  compareTypes(one: string, other: string): number {
    const rank = (this.#ranks.get(one) ?? this.#ranks.size) - (this.#ranks.get(other) ?? this.#ranks.size)
    return rank === 0 ? compareText(one, other) : rank
  }
}

/** By UTF-16 code units: the same on every machine, unlike an order by locale. */
export const compareText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)
