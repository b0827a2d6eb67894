import { parseIsoTime } from '@millrace/protocol'
import type { Block, Envelope, Fingerprinter, StateReader, StateTransaction } from '@millrace/storage'
import { factsOf, identityTimeMs, namesOf } from './collect-facts.ts'
import type { IdentityMessage } from './collect-facts.ts'
import type { Fact } from './fact.ts'
import { FingerprintCache } from './fingerprint-cache.ts'
import type { Identifier, IdentifierName } from './identifier.ts'
import { IdentityGraph } from './identity-graph.ts'
import type { GraphChange } from './identity-graph.ts'
import type { StoredCut } from './identity-state.ts'
import { keyOfProfileId, profileIdOf, profileIdOfKey } from './profile-id.ts'
import type { Rules } from './rule-set.ts'

/**
 * The identity stage of resolve: takes the facts of a step's messages into the graph, and says of each message to which
 * profile it belongs at that moment. A link that is known costs one look-up in memory.
 *
 * What is known of a pair lives in a bounded cache: its earliest identity time. Evidence that is later says nothing new.
 */
export interface IdentityResolverOptions {
  state: StateReader
  rules: Rules
  fingerprinter: Fingerprinter
  /** Pairs and identifiers that are remembered, each 24 bytes; a power of two. */
  cacheSlots?: number
}

/** A block, and the rows of it that do not count: copies of earlier messages. */
export interface IdentityBlock {
  readonly block: Block
  readonly skipped: readonly number[]
}

export interface IdentityStep {
  /** For each block, by profile id, the rows whose profile is not the one that their own best identifier names. */
  profiles: readonly ReadonlyMap<string, readonly number[]>[]
  readonly write: (tx: StateTransaction) => void
}

export class IdentityResolver {
  readonly #rules: Rules
  readonly #fingerprinter: Fingerprinter
  readonly #pairs: FingerprintCache
  /** The profile of an identifier, as the key of its id. */
  readonly #profiles: FingerprintCache
  readonly graph: IdentityGraph

  private constructor({ rules, fingerprinter, cacheSlots }: IdentityResolverOptions, graph: IdentityGraph) {
    this.#rules = rules
    this.#fingerprinter = fingerprinter
    this.#pairs = new FingerprintCache(cacheSlots)
    this.#profiles = new FingerprintCache(cacheSlots)
    this.graph = graph
  }

  static async open(options: IdentityResolverOptions): Promise<IdentityResolver> {
    return new IdentityResolver(options, await IdentityGraph.open(options))
  }

  /** Reads and computes what the messages of some blocks change; nothing is stored until `write` is called. */
  async step(blocks: readonly IdentityBlock[]): Promise<IdentityStep> {
    const facts: Fact[] = []
    const bests: { at: number; row: number; name: IdentifierName }[] = []
    for (const [at, { block, skipped }] of blocks.entries()) {
      const copies = skipped.length === 0 ? NO_ROWS : new Set(skipped)
      for (let row = 0; row < block.rowCount; row++) {
        if (!block.isMessage(row) || copies.has(row)) continue
        const message = messageOf(block, row)
        const best = this.#collect(message, facts)
        if (best !== undefined) bests.push({ at, row, name: best })
      }
    }
    const change = this.#forgetTouched(await this.graph.take(facts))
    const profiles = blocks.map(() => new Map<string, number[]>())
    for (const { at, row, name } of bests) {
      const profileId = await this.#otherProfileOf(name)
      if (profileId === undefined) continue
      const rows = profiles[at] as Map<string, number[]>
      const known = rows.get(profileId)
      if (known === undefined) rows.set(profileId, [row])
      else known.push(row)
    }
    return { profiles, write: change.write }
  }

  /** Undoes a link; what it returns is to be written before the next step. */
  async cut(cut: StoredCut): Promise<GraphChange> {
    return this.#forgetTouched(await this.graph.cut(cut))
  }

  /** Takes an undone link back. @returns undefined when there is none. */
  async uncut(pair: Pick<StoredCut, 'a' | 'b'>): Promise<GraphChange | undefined> {
    const change = await this.graph.uncut(pair)
    return change && this.#forgetTouched(change)
  }

  /** After a transaction that failed: what is in memory may not be what is stored. */
  async forget(): Promise<void> {
    this.#pairs.clear()
    this.#profiles.clear()
    await this.graph.forget()
  }

  /** Adds the facts of a message that may be news; returns its best identifier. */
  #collect(message: IdentityMessage, facts: Fact[]): IdentifierName | undefined {
    const names = namesOf(message.identifiers, this.#rules)
    const [best] = names
    if (best === undefined || (names.length === 1 && message.previousId === undefined)) return best
    const timeMs = identityTimeMs(message)
    for (const fact of factsOf(message, this.#rules)) {
      const { low, high } = this.#fingerprintOf(fact)
      const slot = this.#pairs.find(low, high)
      // Of the same time the messageId decides, which the graph knows.
      if (slot !== -1 && timeMs > (this.#pairs.first[slot] as number)) continue
      this.#pairs.set(low, high, timeMs)
      facts.push(fact)
    }
    return best
  }

  #forgetTouched(change: GraphChange): GraphChange {
    for (const name of change.touched) {
      this.#fingerprinter.hash(name)
      this.#profiles.delete(this.#fingerprinter.low, this.#fingerprinter.high)
    }
    return change
  }

  #fingerprintOf({ a, b, explicit }: Fact): { low: number; high: number } {
    const fingerprinter = this.#fingerprinter
    fingerprinter.hash(explicit ? `!${a}` : a)
    const { low, high } = fingerprinter
    fingerprinter.hash(b)
    return {
      low: (Math.imul(low, 31) ^ fingerprinter.low) >>> 0,
      high: (Math.imul(high, 31) ^ fingerprinter.high) >>> 0,
    }
  }

  /** The id of the profile to which an identifier belongs, when it is not called after that identifier. */
  async #otherProfileOf(name: IdentifierName): Promise<string | undefined> {
    this.#fingerprinter.hash(name)
    const { low, high } = this.#fingerprinter
    const slot = this.#profiles.find(low, high)
    if (slot !== -1) {
      const upper = this.#profiles.first[slot] as number
      return upper === ITSELF ? undefined : profileIdOfKey(upper, this.#profiles.second[slot] as number)
    }
    const first = (await this.graph.profileOf(name))?.first ?? name
    if (first === name) {
      this.#profiles.set(low, high, ITSELF)
      return undefined
    }
    const profileId = profileIdOf(first)
    this.#profiles.set(low, high, ...keyOfProfileId(profileId))
    return profileId
  }
}

const NO_ROWS: ReadonlySet<number> = new Set()

/** No half of a key is negative. */
const ITSELF = -1

const messageOf = (block: Block, row: number): IdentityMessage => {
  const envelope = block.envelope(row)
  const receivedAtMs = block.receivedAtMs(row)
  const timestampMs = parseIsoTime(envelope.set?.['timestamp'])
  return {
    messageId: envelope.messageId,
    receivedAtMs,
    timestampMs: Number.isNaN(timestampMs) ? receivedAtMs : timestampMs,
    identifiers: identifiersOf(envelope),
    previousId: envelope.previousId,
  }
}

const identifiersOf = ({ userId, anonymousId }: Envelope): Identifier[] => {
  const identifiers: Identifier[] = []
  if (userId !== undefined) identifiers.push({ type: 'userId', value: userId })
  if (anonymousId !== undefined) identifiers.push({ type: 'anonymousId', value: anonymousId })
  return identifiers
}
