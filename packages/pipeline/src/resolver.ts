import { IdentityResolver, Rules, defaultRules, identityState } from '@millrace/identity'
import type { GraphChange, RuleSet, StoredCut } from '@millrace/identity'
import { Block, decodeResolution, encodeResolution, resolveState, startOfLog } from '@millrace/storage'
import type { Fingerprinter, LogBlock, LogReader, Offset, StateStore } from '@millrace/storage'
import { SourceFingerprints, rememberBlock } from './deduplicate.ts'
import { DeduplicationWindow } from './deduplication-window.ts'
import type { DeduplicationOptions, Generations } from './deduplication-window.ts'
import { logBlocks } from './log-blocks.ts'
import type { MessageIndexWriter } from './message-index/message-index-writer.ts'
import { stages } from './pipeline.ts'
import type { ResolvingBlock } from './resolving-block.ts'
import { countBlock, decodeCounts, encodeCounts, sourceCounters } from './source-counts.ts'
import type { Counts } from './source-counts.ts'
import { addedViolations, countViolations, putViolations } from './violation-counts.ts'
import type { ViolationCounts } from './violation-counts.ts'

/**
 * The only stateful stage. It reads the log in order and writes, for many blocks in one transaction: a record per block,
 * counters, and its cursor. If the process dies before the commit, the same blocks are resolved again with the same
 * result, because the window is rebuilt from exactly what lies before the cursor, never up to the head.
 */
export interface ResolverOptions {
  log: LogReader
  state: StateStore
  fingerprinter: Fingerprinter
  deduplication: () => DeduplicationOptions
  /** The version of the workspace that the next blocks are resolved under. */
  workspaceVersion: () => number
  index: MessageIndexWriter
  /** What joins people; asked at each step. */
  identityRules?: () => RuleSet
  /** How much of the log one step reads. */
  stepBytes?: number
}

/** Spaces and keys of the resolve stage that nobody else reads. */
const GENERATIONS = { space: 'deduplication', key: ['generations'] } as const
/** Cumulative source counters at some offsets, at least every `CHECKPOINT_MESSAGES`, so that counting can begin there. */
export const CHECKPOINTS = 'checkpoints'
const CHECKPOINT_MESSAGES = 2_000
/** Rejections by time: key [receivedAtMs, block, index], value empty: the row in the log has the rest. */
export const REJECTIONS = 'rejections'

export class Resolver {
  readonly #options: ResolverOptions
  readonly #window: DeduplicationWindow
  readonly #sources: SourceFingerprints
  readonly #identity: IdentityResolver
  #turn: Promise<unknown> = Promise.resolve()
  #cursor: Offset = 0
  #totals: Counts = new Map()
  #sinceCheckpoint = 0
  #windowChanged = false
  /** What is in memory may be ahead of what is stored: it is read anew before the next step. */
  #isStale = true

  private constructor(options: ResolverOptions, identity: IdentityResolver) {
    this.#options = options
    this.#identity = identity
    this.#window = new DeduplicationWindow(options.deduplication)
    this.#sources = new SourceFingerprints(options.fingerprinter)
  }

  /** Takes up where the last run's commit ended. Reads the log back over the deduplication window. */
  static async open(options: ResolverOptions): Promise<Resolver> {
    const { state, fingerprinter, identityRules } = options
    const rules = new Rules(identityRules?.() ?? defaultRules)
    const resolver = new Resolver(options, await IdentityResolver.open({ state, fingerprinter, rules }))
    await resolver.#restore()
    return resolver
  }

  /** The offset up to which the log is resolved. */
  get cursor(): Offset {
    return this.#cursor
  }

  get window(): DeduplicationWindow {
    return this.#window
  }

  /**
   * Resolves the next blocks. Returns how many messages that were; 0 at the head, and where a step found only rejections.
   * Rejects, having changed nothing, when the log or the state cannot be read or written.
   */
  step(): Promise<number> {
    return this.#inTurn(() => this.#stepNow())
  }

  /** Undoes a link between two identifiers: from now on no evidence of it counts. */
  cut(cut: StoredCut): Promise<void> {
    return this.#changeIdentity(() => this.#identity.cut(cut))
  }

  /** Takes an undone link back. @returns whether there was one. */
  async uncut(pair: Pick<StoredCut, 'a' | 'b'>): Promise<boolean> {
    let wasThere = false
    await this.#changeIdentity(async () => {
      const change = await this.#identity.uncut(pair)
      wasThere = change !== undefined
      return change
    })
    return wasThere
  }

  /** Steps and changes by people write to one graph, one after the other. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }

  #changeIdentity(work: () => Promise<GraphChange | undefined>): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isStale) await this.#restore()
      this.#isStale = true
      const change = await work()
      if (change !== undefined) await this.#options.state.transaction(change.write)
      this.#isStale = false
    })
  }

  async #stepNow(): Promise<number> {
    if (this.#isStale) await this.#restore()
    const { log, state, stepBytes = 4 * 1024 * 1024 } = this.#options
    const blocks = await log.read(this.#cursor, stepBytes)
    if (blocks.length === 0) return 0
    return this.#resolve(blocks, state)
  }

  async #resolve(blocks: readonly LogBlock[], state: StateStore): Promise<number> {
    const workspaceVersion = this.#options.workspaceVersion()
    const resolved: ResolvingBlock[] = []
    const counts: Counts = new Map()
    const violationCounts: ViolationCounts = new Map()
    let messages = 0
    // Until the commit the window has seen ids that the state has not. Without the way back a failed step would make its
    // messages duplicates of themselves.
    this.#isStale = true
    if (this.#options.identityRules !== undefined) this.#identity.useRules(this.#options.identityRules())
    for (const { offset, bytes } of blocks) {
      const resolving: ResolvingBlock = { offset, block: new Block(bytes), duplicates: [] }
      if (this.#window.beginBlock(offset, resolving.block.firstReceivedAtMs)) this.#windowChanged = true
      for (const stage of stages) stage.run(resolving, { window: this.#window, sources: this.#sources })
      countBlock(counts, resolving.block, resolving.duplicates)
      countViolations(violationCounts, resolving.block, resolving.duplicates)
      messages += resolving.block.messageCount
      resolved.push(resolving)
    }
    const next = (blocks.at(-1) as LogBlock).next
    const identity = await this.#identity.step(
      resolved.map(({ block, duplicates }) => ({ block, skipped: duplicates })),
    )
    const totals = added(this.#totals, counts)
    const checkpoint = this.#sinceCheckpoint + messages >= CHECKPOINT_MESSAGES
    const violations = await addedViolations(state, violationCounts)
    await state.transaction((tx) => {
      for (const [at, { offset, block, duplicates }] of resolved.entries()) {
        const profiles = identity.profiles[at] as ReadonlyMap<string, readonly number[]>
        tx.put(
          resolveState.resolutions,
          [offset],
          encodeResolution({
            workspaceVersion,
            resolved: block.messageCount - duplicates.length,
            ...(duplicates.length > 0 && { duplicates }),
            ...(profiles.size > 0 && { profiles: Object.fromEntries(profiles) }),
          }),
        )
        if (block.messageCount < block.rowCount) {
          for (let index = 0; index < block.rowCount; index++) {
            if (!block.isMessage(index)) tx.put(REJECTIONS, [block.receivedAtMs(index), offset, index], NOTHING)
          }
        }
      }
      for (const [name, delta] of counts) tx.add(name, delta)
      putViolations(tx, violations)
      if (this.#windowChanged) {
        tx.put(GENERATIONS.space, GENERATIONS.key, Buffer.from(JSON.stringify(this.#window.starts)))
      }
      if (checkpoint) tx.put(CHECKPOINTS, [next], encodeCounts(totals))
      identity.write(tx)
      tx.setCursor(identityState.consumer, { block: next, index: 0 })
      tx.setCursor(resolveState.consumer, { block: next, index: 0 })
    })
    this.#isStale = false
    this.#windowChanged = false
    this.#cursor = next
    this.#totals = totals
    this.#sinceCheckpoint = checkpoint ? 0 : this.#sinceCheckpoint + messages
    for (const [at, { offset, block }] of resolved.entries()) {
      this.#options.index.add(offset, block)
      await this.#options.index.advance((blocks[at] as LogBlock).next)
    }
    return messages
  }

  async #restore(): Promise<void> {
    const { log, state } = this.#options
    this.#cursor = Math.max(
      (await state.cursor(resolveState.consumer))?.block ?? startOfLog.block,
      // A log that begins later than the cursor was shortened by retention, which never passes the resolve cursor.
      await log.tail(),
    )
    this.#totals = new Map(await state.counters(''))
    this.#sinceCheckpoint = await this.#acceptedSinceCheckpoint()
    this.#windowChanged = false
    const stored = await state.get(GENERATIONS.space, GENERATIONS.key)
    const starts = stored && (JSON.parse(Buffer.from(stored).toString()) as Generations)
    this.#window.restore(starts)
    const from = Math.max((starts?.old ?? starts?.young)?.offset ?? this.#cursor, await log.tail())
    for await (const { offset, bytes } of logBlocks(log, from, this.#cursor)) {
      const record = await state.get(resolveState.resolutions, [offset])
      // A record that is missing is the recount's to report; taking all ids of the block as new loses nothing.
      const duplicates = (record && decodeResolution(record).duplicates) ?? []
      rememberBlock(offset, new Block(bytes), duplicates, this.#window, this.#sources)
    }
    await this.#identity.forget()
    await this.#catchUpIdentity()
    this.#isStale = false
  }

  /** A log that was resolved before there was identity, or under other paths, is read again for its facts. */
  async #catchUpIdentity(): Promise<void> {
    const { log, state } = this.#options
    const tail = await log.tail()
    const from = Math.max((await state.cursor(identityState.consumer))?.block ?? startOfLog.block, tail)
    for await (const { offset, bytes, next } of logBlocks(log, from, this.#cursor)) {
      const record = await state.get(resolveState.resolutions, [offset])
      const skipped = (record && decodeResolution(record).duplicates) ?? []
      const { write } = await this.#identity.step([{ block: new Block(bytes), skipped }])
      await state.transaction((tx) => {
        write(tx)
        tx.setCursor(identityState.consumer, { block: next, index: 0 })
      })
    }
  }

  async #acceptedSinceCheckpoint(): Promise<number> {
    const last = await this.#options.state.floor(CHECKPOINTS, [this.#cursor])
    return acceptedOf(this.#totals) - acceptedOf(last === undefined ? new Map() : decodeCounts(last.value))
  }
}

const acceptedOf = (counts: Counts): number => {
  let sum = 0
  for (const [name, count] of counts) if (name.startsWith(sourceCounters.accepted)) sum += count
  return sum
}

const NOTHING = new Uint8Array(0)

const added = (totals: Counts, counts: Counts): Counts => {
  const sum = new Map(totals)
  for (const [name, delta] of counts) sum.set(name, (sum.get(name) ?? 0) + delta)
  return sum
}
