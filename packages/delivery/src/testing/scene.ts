import { setTimeout } from 'node:timers/promises'
import type { JsonObject, LedgerProblem, MessageType } from '@millrace/protocol'
import { Block, BlockBuilder, Fingerprinter, encodeResolution, resolveState } from '@millrace/storage'
import type { Cursor } from '@millrace/storage'
import { MemoryEventLog, MemoryStateStore, testFingerprintKey } from '@millrace/testkit'
import { destinationLedgers, knownDestinations } from '../delivery-ledger.ts'
import { consumerOf, deliveryState, encodeJson } from '../delivery-state.ts'
import type { DestinationMeta } from '../delivery-state.ts'
import { ResolvedFeed } from '../resolved-feed.ts'
import type { ResolvedFeedOptions } from '../resolved-feed.ts'
import { storedReplays } from '../replay/replay-record.ts'
import { verifyReplay } from '../replay/verify-replays.ts'
import { verifyDestination, verifyEquation } from '../verify-deliveries.ts'

/** A row of the log. */
export interface TestRow {
  id?: string
  /** Default `web`. */
  source?: string
  /** Default `track`, with the event `E` unless another is named. */
  type?: MessageType
  event?: string
  /** The anonymousId. Default `p`. */
  person?: string
  integrations?: JsonObject
  /** Anything else of the message. */
  more?: JsonObject
  /** The row is a refusal. */
  rejected?: true
  /** The resolve stage finds it a duplicate. */
  duplicate?: true
}

export const receivedAtMs = Date.UTC(2026, 2, 1, 9)

export const blockOfRows = (rows: readonly TestRow[]): Buffer => {
  const builder = new BlockBuilder(new Fingerprinter(testFingerprintKey))
  for (const row of rows) {
    const { id = '', source = 'web', type = 'track', event = 'E', person = 'p', integrations } = row
    if (row.rejected) {
      builder.addRejection(source, receivedAtMs, { code: 'too_deep', reason: 'a test', count: 1 }, Buffer.from('{}'))
      continue
    }
    const message: JsonObject = {
      type,
      messageId: id,
      anonymousId: person,
      ...(type === 'track' && { event }),
      ...(integrations && { integrations }),
      ...row.more,
    }
    const raw = Buffer.from(JSON.stringify(message))
    const envelope = { messageId: id, anonymousId: person }
    const named = type === 'track' ? { event } : {}
    builder.addMessage({ source, type, receivedAtMs, envelope, ...named }, raw, 0, raw.length)
  }
  return builder.build()
}

/** A log, the resolve stage's state and the delivery state, in memory. What is added is resolved at once. */
export class Scene {
  readonly log = new MemoryEventLog()
  readonly resolve = new MemoryStateStore()
  readonly state = new MemoryStateStore()
  readonly rows: { place: Cursor; row: TestRow }[] = []
  readonly warnings: string[] = []

  newFeed(changes: Partial<ResolvedFeedOptions> = {}): ResolvedFeed {
    return new ResolvedFeed({
      log: this.log,
      resolveState: this.resolve,
      pollMs: { busy: 1, idle: 1 },
      readBytes: 4096,
      ...changes,
    })
  }

  async append(rows: readonly TestRow[]): Promise<void> {
    const [offset] = await this.log.append([blockOfRows(rows)])
    for (const [index, row] of rows.entries()) this.rows.push({ place: { block: offset ?? 0, index }, row })
  }

  /** Resolves what was appended. */
  async resolveAll(): Promise<void> {
    const head = await this.log.head()
    const from = (await this.resolve.cursor(resolveState.consumer))?.block ?? 0
    await this.resolve.transaction((tx) => {
      for (let offset = from; offset < head; offset++) {
        const rows = this.rows.filter(({ place }) => place.block === offset)
        const duplicates = rows.filter(({ row }) => row.duplicate).map(({ place }) => place.index)
        const resolved = rows.filter(({ row }) => row.rejected !== true && row.duplicate !== true).length
        const record = { workspaceVersion: 1, resolved, ...(duplicates.length > 0 && { duplicates }) }
        tx.put(resolveState.resolutions, [offset], encodeResolution(record))
      }
      tx.setCursor(resolveState.consumer, { block: head, index: 0 })
    })
  }

  async add(...blocks: readonly (readonly TestRow[])[]): Promise<void> {
    for (const rows of blocks) await this.append(rows)
    await this.resolveAll()
  }

  resolvedBefore = async (cursor: Cursor): Promise<ReadonlyMap<string, number>> => {
    const counts = new Map<string, number>()
    const end = (await this.resolve.cursor(resolveState.consumer))?.block ?? 0
    for (const { place, row } of this.rows) {
      const isPast = place.block > cursor.block || (place.block === cursor.block && place.index >= cursor.index)
      if (isPast || place.block >= end || row.rejected || row.duplicate) continue
      const source = row.source ?? 'web'
      counts.set(source, (counts.get(source) ?? 0) + 1)
    }
    return counts
  }

  /** Gives a destination its account, as the service does before it starts the runner. */
  async openAccount(id: string, start: Cursor = { block: 0, index: 0 }): Promise<void> {
    const meta: DestinationMeta = {
      type: 'fake',
      start,
      resolvedBeforeStart: Object.fromEntries(await this.resolvedBefore(start)),
      matching: { name: id, enabled: true, actions: [] },
    }
    await this.state.transaction((tx) => {
      tx.put(deliveryState.meta, [id], encodeJson(meta))
      tx.setCursor(consumerOf(id), start)
    })
  }

  async ledgers(): ReturnType<typeof destinationLedgers> {
    const cursor = (await this.resolve.cursor(resolveState.consumer)) ?? { block: 0, index: 0 }
    return destinationLedgers(this.state, cursor, this.resolvedBefore, new Map())
  }

  /** What the recount finds wrong, in all accounts and both equations. */
  async problems(): Promise<LedgerProblem[]> {
    const feed = this.newFeed()
    const problems = verifyEquation(await this.ledgers())
    const { signal } = new AbortController()
    for (const known of await knownDestinations(this.state)) {
      problems.push(...(await verifyDestination(known, this.state, feed, await this.log.tail(), () => {}, signal)))
    }
    for (const replay of await storedReplays(this.state)) {
      problems.push(...(await verifyReplay(replay, this.state, feed, await this.log.tail(), signal)))
    }
    feed.close()
    return problems
  }

  /** Waits until the stored cursor of a destination is at the end of what is resolved. */
  async untilDone(id: string): Promise<void> {
    const end = await this.resolve.cursor(resolveState.consumer)
    await until(async () => (await this.state.cursor(consumerOf(id)))?.block === end?.block, `${id} to be done`)
  }
}

/** Waits for a condition, at most about ten seconds. */
export const until = async (holds: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  for (let round = 0; round < 8000; round++) {
    if (await holds()) return
    await setTimeout(1)
  }
  throw new Error(`waited in vain for ${what}`)
}

/** The messages of a block, read back: what a resolved block is made of in tests without a log. */
export const idsOf = (bytes: Buffer): string[] => {
  const block = new Block(bytes)
  return Array.from({ length: block.rowCount }, (_, row) => (block.isMessage(row) ? block.envelope(row).messageId : ''))
}
