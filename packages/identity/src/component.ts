import { factName, factOrder, isEarlier } from './fact.ts'
import type { Fact } from './fact.ts'
import { Fold } from './fold.ts'
import type { Cuts } from './fold.ts'
import type { Rules } from './rule-set.ts'

/**
 * All facts that hang together, refused and cut ones included, with their fold. No fact outside of it can change what it
 * says, so identity is computed component by component.
 */
export class Component {
  readonly id: number
  readonly #rules: Rules
  readonly #cuts: Cuts
  readonly #order: (one: Fact, other: Fact) => number
  /** In the order of the fold. */
  #facts: Fact[] = []
  readonly #byName = new Map<string, Fact>()
  #fold: Fold

  constructor(id: number, rules: Rules, cuts: Cuts, facts: Iterable<Fact> = []) {
    this.id = id
    this.#rules = rules
    this.#cuts = cuts
    this.#order = factOrder(rules)
    this.#fold = new Fold(rules, cuts)
    this.add(facts)
  }

  get facts(): readonly Fact[] {
    return this.#facts
  }

  get fold(): Fold {
    return this.#fold
  }

  /** Whether a fact would change anything: it is new, or earlier evidence than is known. */
  isNews(fact: Fact): boolean {
    const known = this.#byName.get(factName(fact))
    return known === undefined || isEarlier(fact, known)
  }

  /**
   * Takes facts up: appended to the fold when they come after all others in its order, else it is computed anew.
   * @returns The place of the first fact that is not as it was; the number of facts when nothing changed.
   */
  add(facts: Iterable<Fact>): number {
    const moved = new Set<Fact>()
    const news: Fact[] = []
    for (const fact of facts) {
      const known = this.#byName.get(factName(fact))
      if (known !== undefined && !isEarlier(fact, known)) continue
      if (known !== undefined) moved.add(known)
      this.#byName.set(factName(fact), fact)
      news.push(fact)
    }
    if (news.length === 0) return this.#facts.length
    const added = news.filter((fact) => !moved.has(fact)).sort(this.#order)
    const last = this.#facts.at(-1)
    if (moved.size === 0 && (last === undefined || this.#order(last, added[0] as Fact) < 0)) {
      const from = this.#facts.length
      for (const fact of added) {
        this.#facts.push(fact)
        this.#fold.add(fact)
      }
      return from
    }
    const before = this.#facts
    this.#facts = [...before.filter((fact) => !moved.has(fact)), ...added].sort(this.#order)
    this.refold()
    const same = this.#facts.findIndex((fact, at) => fact !== before[at])
    return same === -1 ? this.#facts.length : same
  }

  /** Computes all again, for example under another set of cuts. */
  refold(): void {
    this.#fold = new Fold(this.#rules, this.#cuts)
    for (const fact of this.#facts) this.#fold.add(fact)
  }
}
