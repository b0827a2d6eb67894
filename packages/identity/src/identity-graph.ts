import type { StateReader, StateTransaction } from '@millrace/storage'
import { Component } from './component.ts'
import { ComponentCache } from './component-cache.ts'
import { pairOf } from './fact.ts'
import type { Fact, PairName } from './fact.ts'
import type { Profile } from './fold.ts'
import { groupFacts } from './group-facts.ts'
import type { FactGroup, Place } from './group-facts.ts'
import type { IdentifierName } from './identifier.ts'
import {
  FACTS_PER_CHUNK,
  decodeFacts,
  decodeNode,
  encodeCut,
  encodeFacts,
  encodeNode,
  identityState,
  nodeKey,
  readCuts,
} from './identity-state.ts'
import type { StoredCut, StoredNode } from './identity-state.ts'
import { profileIdOf } from './profile-id.ts'
import { compareText } from './rule-set.ts'
import type { Rules } from './rule-set.ts'

/**
 * The graph of all people, on disk, component by component. It has one writer, the resolve stage:
 *
 *   const change = await graph.take(facts)      reads what it needs, computes; nothing is stored yet
 *   await state.transaction((tx) => { change.write(tx); … the cursor … })
 *                                               after a transaction that failed: await graph.forget()
 *
 * If the process dies between the lines, the same facts come again from the log, with the same result.
 */
export interface GraphOptions {
  state: StateReader
  rules: Rules
  /** How many facts stay in memory; about 400 bytes each. */
  cachedFacts?: number
}

export interface GraphChange {
  /** Identifiers whose profile may be another one now, and what that profile is called after. */
  readonly touched: ReadonlyMap<IdentifierName, IdentifierName>
  readonly write: (tx: StateTransaction) => void
}

const CACHED_FACTS = 20_000
const NEXT = ['next'] as const

export class IdentityGraph {
  readonly #state: StateReader
  #rules: Rules
  readonly #cache: ComponentCache
  readonly #cuts: Map<PairName, StoredCut>
  #next: number

  private constructor(
    { state, rules, cachedFacts = CACHED_FACTS }: GraphOptions,
    cuts: Map<PairName, StoredCut>,
    next: number,
  ) {
    this.#state = state
    this.#rules = rules
    this.#cache = new ComponentCache(cachedFacts)
    this.#cuts = cuts
    this.#next = next
  }

  static async open(options: GraphOptions): Promise<IdentityGraph> {
    const cuts = new Map<PairName, StoredCut>()
    for (const cut of await readCuts(options.state)) cuts.set(pairOf(cut), cut)
    return new IdentityGraph(options, cuts, await nextComponent(options.state))
  }

  get cuts(): Iterable<StoredCut> {
    return this.#cuts.values()
  }

  /** Profiles are computed under other rules from now on, which must order facts as these do. */
  useRules(rules: Rules): void {
    this.#rules = rules
    this.#cache.clear()
  }

  /** Takes up what messages say; see the class for what has to follow. */
  async take(facts: readonly Fact[]): Promise<GraphChange> {
    const changes = new Changes()
    const places = await this.#placesOf(facts)
    for (const group of groupFacts(facts, places)) await this.#takeGroup(group, places, changes)
    return this.#changeOf(changes)
  }

  /** Undoes a link: facts about the pair do not count any more. */
  async cut(cut: StoredCut): Promise<GraphChange> {
    this.#cuts.set(pairOf(cut), cut)
    const changes = new Changes()
    changes.cuts.push({ cut })
    await this.#refold(cut, changes)
    return this.#changeOf(changes)
  }

  /** Takes a cut back. @returns undefined when there is none for this pair. */
  async uncut(pair: Pick<Fact, 'a' | 'b'>): Promise<GraphChange | undefined> {
    const cut = this.#cuts.get(pairOf(pair))
    if (cut === undefined) return undefined
    this.#cuts.delete(pairOf(pair))
    const changes = new Changes()
    changes.cuts.push({ cut, isRemoved: true })
    await this.#refold(cut, changes)
    return this.#changeOf(changes)
  }

  /** Drops what is in memory, after a transaction that failed: it may be ahead of what is stored. */
  async forget(): Promise<void> {
    this.#cache.clear()
    this.#cuts.clear()
    for (const cut of await readCuts(this.#state)) this.#cuts.set(pairOf(cut), cut)
    this.#next = await nextComponent(this.#state)
  }

  /** The identifier that a profile id was made from; undefined for one that stands in no fact. */
  async nodeOf(profileId: string): Promise<StoredNode | undefined> {
    const stored = await this.#state.get(identityState.nodes, nodeKey(profileId))
    return stored && decodeNode(stored)
  }

  /** The component in which an identifier stands; undefined when no fact names it. */
  async componentOf(name: IdentifierName): Promise<Component | undefined> {
    const node = await this.nodeOf(profileIdOf(name))
    return node && this.#load(node.component)
  }

  /** The profile of an identifier; undefined when it has no link, so that it is a profile of its own. */
  async profileOf(name: IdentifierName): Promise<Profile | undefined> {
    return (await this.componentOf(name))?.fold.profileOf(name)
  }

  /** Where the identifiers of some facts stand, read in the order of the keys: neighbours share pages. */
  async #placesOf(facts: readonly Fact[]): Promise<ReadonlyMap<IdentifierName, Place>> {
    const ids = new Map<IdentifierName, string>()
    for (const { a, b } of facts) {
      if (!ids.has(a)) ids.set(a, profileIdOf(a))
      if (!ids.has(b)) ids.set(b, profileIdOf(b))
    }
    const places = new Map<IdentifierName, Place>()
    for (const [name, id] of [...ids].sort(([, one], [, other]) => compareText(one, other))) {
      places.set(name, { id, component: (await this.nodeOf(id))?.component })
    }
    return places
  }

  async #takeGroup(
    { facts, newNames, components }: FactGroup,
    places: ReadonlyMap<IdentifierName, Place>,
    changes: Changes,
  ): Promise<void> {
    const loaded = await Promise.all([...components].map((id) => this.#load(id)))
    loaded.sort((one, other) => other.facts.length - one.facts.length || one.id - other.id)
    const target = loaded[0] ?? new Component(this.#next++, this.#rules, this.#cuts)
    const absorbed = loaded.slice(1)
    if (absorbed.length === 0 && newNames.size === 0 && !facts.some((fact) => target.isNews(fact))) return
    const length = target.facts.length
    const from = target.add([...absorbed.flatMap((each) => each.facts), ...facts])
    for (const each of absorbed) {
      changes.removed.push({ id: each.id, chunks: chunksOf(each) })
      for (const name of namesIn(each)) changes.nodes.set(name, { id: profileIdOf(name), component: target.id })
      this.#cache.delete(each.id)
    }
    for (const name of newNames) changes.nodes.set(name, { ...(places.get(name) as Place), component: target.id })
    changes.written.push({ component: target, from })
    // What was added at the end changes only the profiles that it names.
    const added = target.facts.slice(from >= length ? from : 0)
    for (const { a, b } of added) {
      for (const name of [a, b]) {
        const profile = target.fold.profileOf(name)
        for (const member of profile?.members ?? [name]) changes.touched.set(member, profile?.first ?? name)
      }
    }
    this.#cache.set(target)
  }

  async #load(id: number): Promise<Component> {
    const cached = this.#cache.get(id)
    if (cached !== undefined) return cached
    const facts: Fact[] = []
    for (let chunk = 0; ; chunk += CHUNKS_PER_READ) {
      const rows = await this.#state.scan(identityState.facts, {
        prefix: [id],
        from: [id, chunk],
        limit: CHUNKS_PER_READ,
      })
      for (const { value } of rows) facts.push(...decodeFacts(value))
      if (rows.length < CHUNKS_PER_READ) break
    }
    const component = new Component(id, this.#rules, this.#cuts, facts)
    this.#cache.set(component)
    return component
  }

  async #refold({ a, b }: Pick<Fact, 'a' | 'b'>, changes: Changes): Promise<void> {
    for (const component of new Set([await this.componentOf(a), await this.componentOf(b)])) {
      if (component === undefined) continue
      component.refold()
      for (const name of namesIn(component)) changes.touched.set(name, component.fold.profileOf(name)?.first ?? name)
    }
  }

  #changeOf({ cuts, nodes, removed, written, touched }: Changes): GraphChange {
    const next = this.#next
    return {
      touched,
      write: (tx) => {
        for (const { cut, isRemoved } of cuts) {
          if (isRemoved === true) tx.delete(identityState.cuts, [cut.a, cut.b])
          else tx.put(identityState.cuts, [cut.a, cut.b], encodeCut(cut))
        }
        for (const { id, chunks } of removed) tx.deleteRange(identityState.facts, [id, 0], [id, chunks])
        for (const { component, from } of written) {
          for (let chunk = Math.floor(from / FACTS_PER_CHUNK); chunk < chunksOf(component); chunk++) {
            const first = chunk * FACTS_PER_CHUNK
            const facts = component.facts.slice(first, first + FACTS_PER_CHUNK)
            tx.put(identityState.facts, [component.id, chunk], encodeFacts(facts))
          }
        }
        // In the order of the keys, so that neighbours share pages.
        const rows = [...nodes].map(([name, place]) => ({ name, ...place }))
        rows.sort((one, other) => compareText(one.id, other.id))
        for (const { id, name, component } of rows) {
          tx.put(identityState.nodes, nodeKey(id), encodeNode({ component, name }))
        }
        if (written.length > 0) tx.put(identityState.meta, NEXT, Buffer.from(String(next)))
      },
    }
  }
}

/** What one step changes on disk. */
class Changes {
  readonly cuts: { cut: StoredCut; isRemoved?: boolean }[] = []
  readonly nodes = new Map<IdentifierName, { id: string; component: number }>()
  readonly removed: { id: number; chunks: number }[] = []
  readonly touched = new Map<IdentifierName, IdentifierName>()
  /** The first fact that is to be written. */
  readonly written: { component: Component; from: number }[] = []
}

const CHUNKS_PER_READ = 256

const chunksOf = ({ facts }: Component): number => Math.ceil(facts.length / FACTS_PER_CHUNK)

function* namesIn({ facts }: Component): Iterable<IdentifierName> {
  for (const { a, b } of facts) {
    yield a
    yield b
  }
}

const nextComponent = async (state: StateReader): Promise<number> => {
  const stored = await state.get(identityState.meta, NEXT)
  return stored === undefined ? 1 : Number(Buffer.from(stored).toString())
}
