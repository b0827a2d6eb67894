import { parseIsoTime } from '@millrace/protocol'
import type { Block, Envelope, Fingerprint, Fingerprinter, StateReader, StateTransaction } from '@millrace/storage'
import { factsAbout, identityTimeMs, namesOf } from './collect-facts.ts'
import type { IdentityMessage } from './collect-facts.ts'
import type { Fact } from './fact.ts'
import { FingerprintCache } from './fingerprint-cache.ts'
import type { Identifier, IdentifierName } from './identifier.ts'
import { IdentityGraph } from './identity-graph.ts'
import type { GraphChange } from './identity-graph.ts'
import type { StoredCut } from './identity-state.ts'
import { keyOfProfileId, profileIdOf, profileIdOfKey } from './profile-id.ts'
import { Rules } from './rule-set.ts'
import type { RuleSet } from './rule-set.ts'
import { SenderCache } from './sender-cache.ts'

/**
 * The identity stage of resolve: takes the facts of a step's messages into the graph, and says of each message to which
 * profile it belongs at that moment.
 *
 * Three bounded tables in memory keep that cheap: senders whose messages say nothing new, the earliest identity time of each
 * pair, and the profile of each identifier. What they do not know is read from disk.
 */
export interface IdentityResolverOptions {
  state: StateReader
  rules: Rules
  fingerprinter: Fingerprinter
  /** Senders, pairs and identifiers that are remembered, together 80 bytes; a power of two. */
  cacheSlots?: number
}

const CACHE_SLOTS = 1 << 18

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
  #rules: Rules
  readonly #fingerprinter: Fingerprinter
  readonly #senders: SenderCache
  readonly #pairs: FingerprintCache
  /** The profile of an identifier, as the key of its id. */
  readonly #profiles: FingerprintCache
  readonly graph: IdentityGraph

  private constructor(
    { rules, fingerprinter, cacheSlots = CACHE_SLOTS }: IdentityResolverOptions,
    graph: IdentityGraph,
  ) {
    this.#rules = rules
    this.#fingerprinter = fingerprinter
    this.#senders = new SenderCache(fingerprinter, cacheSlots)
    this.#pairs = new FingerprintCache(cacheSlots)
    this.#profiles = new FingerprintCache(cacheSlots)
    this.graph = graph
  }

  static async open(options: IdentityResolverOptions): Promise<IdentityResolver> {
    return new IdentityResolver(options, await IdentityGraph.open(options))
  }

  /**
   * From now on other limits hold, for what is stored too: profiles are computed when they are read. Types and their
   * priority must stay.
   */
  useRules(ruleSet: RuleSet): void {
    const rules = new Rules(ruleSet)
    if (rules.text === this.#rules.text) return
    this.#rules = rules
    this.#profiles.clear()
    this.graph.useRules(rules)
  }

  /** Reads and computes what the messages of some blocks change; nothing is stored until `write` is called. */
  async step(blocks: readonly IdentityBlock[]): Promise<IdentityStep> {
    const facts: Fact[] = []
    const sent: Sent[] = []
    for (const [at, { block, skipped }] of blocks.entries()) {
      const copies = skipped.length === 0 ? NO_ROWS : new Set(skipped)
      for (let row = 0; row < block.rowCount; row++) {
        if (!block.isMessage(row) || copies.has(row)) continue
        this.#senders.look(block, row)
        if (this.#senders.find()) {
          const { bestLow: low, bestHigh: high } = this.#senders
          if (low !== NOBODY) sent.push({ at, row, low, high })
        } else {
          const one = this.#read(block, row, facts)
          if (one !== undefined) sent.push({ at, row, ...one })
        }
      }
    }
    const change = this.#learnTouched(await this.graph.take(facts))
    const profiles = blocks.map(() => new Map<string, number[]>())
    for (const { at, row, low, high } of sent) {
      let slot = this.#profiles.find(low, high)
      if (slot === -1) {
        const name = namesOf(messageOf((blocks[at] as IdentityBlock).block, row).identifiers, this.#rules)[0] as string
        slot = this.#learnProfile(name, (await this.graph.profileOf(name))?.first ?? name, low, high)
      }
      const upper = this.#profiles.first[slot] as number
      if (upper === ITSELF) continue
      const profileId = profileIdOfKey(upper, this.#profiles.second[slot] as number)
      const rows = profiles[at] as Map<string, number[]>
      const known = rows.get(profileId)
      if (known === undefined) rows.set(profileId, [row])
      else known.push(row)
    }
    return { profiles, write: change.write }
  }

  /** Undoes a link; what it returns is to be written before the next step. */
  async cut(cut: StoredCut): Promise<GraphChange> {
    return this.#learnTouched(await this.graph.cut(cut))
  }

  /** Takes an undone link back. @returns undefined when there is none. */
  async uncut(pair: Pick<StoredCut, 'a' | 'b'>): Promise<GraphChange | undefined> {
    const change = await this.graph.uncut(pair)
    return change && this.#learnTouched(change)
  }

  /** After a transaction that failed: what is in memory may not be what is stored. */
  async forget(): Promise<void> {
    this.#senders.clear()
    this.#pairs.clear()
    this.#profiles.clear()
    await this.graph.forget()
  }

  /** Adds the facts of a message that may be news, and remembers its sender; returns the fingerprint of its best identifier. */
  #read(block: Block, row: number, facts: Fact[]): Fingerprint | undefined {
    const message = messageOf(block, row)
    const names = namesOf(message.identifiers, this.#rules)
    const [best] = names
    if (best === undefined) {
      this.#senders.learn(NOBODY, NOBODY, undefined)
      return undefined
    }
    const stated = factsAbout(message, names)
    const timeMs = identityTimeMs(message)
    for (const fact of stated) {
      const { low, high } = this.#fingerprintOf(fact)
      const slot = this.#pairs.find(low, high)
      // Of the same time the messageId decides, which the graph knows.
      if (slot !== -1 && timeMs > (this.#pairs.first[slot] as number)) continue
      this.#pairs.set(low, high, timeMs)
      facts.push(fact)
    }
    const known = this.#fingerprinter.of(best)
    this.#senders.learn(known.low, known.high, stated.length === 0 ? undefined : timeMs)
    return known
  }

  #learnTouched(change: GraphChange): GraphChange {
    for (const [name, first] of change.touched) {
      this.#fingerprinter.hash(name)
      this.#learnProfile(name, first, this.#fingerprinter.low, this.#fingerprinter.high)
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

  /** Remembers after which identifier the profile of one is called; returns the slot. */
  #learnProfile(name: IdentifierName, first: IdentifierName, low: number, high: number): number {
    if (first === name) return this.#profiles.set(low, high, ITSELF)
    return this.#profiles.set(low, high, ...keyOfProfileId(profileIdOf(first)))
  }
}

/** A message, and the fingerprint of its best identifier. */
interface Sent extends Fingerprint {
  at: number
  row: number
}

const NO_ROWS: ReadonlySet<number> = new Set()

/** No half of a key or fingerprint is negative. */
const ITSELF = -1
const NOBODY = -1

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
