import type { Cursor, Offset, StateReader, StateStore, StateTransaction } from '@millrace/storage'
import { commitSettled } from './destination-committer.ts'
import type { ParkedChanges, PlacedDeadLetter } from './destination-committer.ts'
import { decodeMeta, deliveryState, encodeJson } from './delivery-state.ts'
import type { DestinationMeta, ExpiredMessages } from './delivery-state.ts'
import type { DeliveryWindow, Settled } from './delivery-window.ts'
import type { CarriedGate } from './delivery-gate.ts'
import type { CompiledAction } from './destination-config.ts'
import type { Match, Matcher } from './match.ts'
import { outcomeCodes } from './outcome-code.ts'
import type { ParkedDelivery } from './parked-delivery.ts'
import type { ResolvedBlock } from './resolved-block.ts'
import type { ResolvedFeed } from './resolved-feed.ts'
import { settleParked } from './settle-parked.ts'

/** What a stopped runner knows and has not stored. */
export interface Leftover {
  /** What was read and is not settled, with what is known of it. */
  window: DeliveryWindow
  /** What is stored beside the outcomes of rows when the cursor comes to a place: letters, and what is parked. */
  take: (to: Cursor) => { letters: readonly PlacedDeadLetter[]; parked: ParkedChanges }
  matcher: Matcher<CompiledAction>
  /** Undefined when its gate was another's. */
  gate: CarriedGate | undefined
}

/**
 * Gives up what a stopped destination waits for in the blocks before `before`, so that retention may remove them. What it is
 * not for is filtered, as it would have been; what was settled already stays what it is; the rest is dead(expired) at each
 * action that has not reported. There are no letters: the blocks are about to go, and a million letters would take the room
 * that is to be made. Which messages they were is added up in `DestinationMeta.expired`.
 *
 * One transaction for each piece of the log that is read, with outcomes, counters and cursor: dying between two of them
 * leaves the rest pending. Resolves with how many messages expired.
 */
export const expireBacklog = async (options: {
  id: string
  /** Of the runner, which was stopped. Used up. */
  leftover: Leftover
  before: Offset
  workspaceVersion: number
  feed: ResolvedFeed
  state: StateStore
  now: () => number
  /** Ends it between two steps. */
  signal: AbortSignal
}): Promise<number> => {
  const { id, leftover, before, workspaceVersion, feed, state, now, signal } = options
  const { window, matcher } = leftover
  const match = (resolved: ResolvedBlock, row: number): Match<{ readonly name: string }> => matcher.match(resolved, row)
  let meta = await metaOf(state, id)
  if (meta === undefined) throw new Error(`destination "${id}" has no account`)
  let expired = 0

  const commit = async (span: Span): Promise<void> => {
    const settled = window.take()
    if (settled === undefined || meta === undefined) return
    const messages = countExpired(settled)
    const changed = messages === 0 ? meta : { ...meta, expired: sumOf(meta.expired, messages, span, now()) }
    const { letters, parked } = leftover.take(settled.to)
    const more = (tx: StateTransaction): void => {
      if (messages > 0) tx.put(deliveryState.meta, [id], encodeJson(changed))
    }
    await commitSettled(state, id, settled, letters, workspaceVersion, { parked, more })
    meta = changed
    expired += messages
  }

  const held = new Span()
  window.giveUp(before, held.around(match), outcomeCodes.deadExpired)
  await commit(held)
  // What the runner had read reaches further, or not so far.
  for (let at = window.end; at.block < before && !signal.aborted;) {
    const blocks = (await feed.read(at.block)).filter(({ offset }) => offset < before)
    if (blocks.length === 0) break
    const span = new Span()
    const decide = span.around(match)
    for (const resolved of blocks) {
      const first = resolved.offset === at.block ? at.index : 0
      at = { block: resolved.next, index: 0 }
      const skipped = matcher.skip(resolved)
      if (skipped !== undefined) {
        window.addWhole(resolved, skipped)
        continue
      }
      const kinds = new Uint32Array(resolved.block.rowCount)
      for (let row = first; row < kinds.length; row++) {
        const found = decide(resolved, row)
        kinds[row] =
          'code' in found
            ? found.code
            : found.actions.reduce<number>(
                (kind, { name }) => window.kinds.with(kind, name, outcomeCodes.deadExpired),
                outcomeCodes.pending,
              )
      }
      window.addRows(resolved, kinds)
    }
    await commit(span)
    // What is cached is read without a pause, and other destinations must have theirs.
    await new Promise(setImmediate)
  }
  if (signal.aborted) return expired
  // What it has passed may wait there for another attempt.
  const more = (tx: StateTransaction, rows: readonly ParkedDelivery[], messages: number): void => {
    if (messages === 0 || meta === undefined) return
    const span = new Span()
    for (const { parkedMs } of rows) span.add(parkedMs)
    const changed = { ...meta, expired: sumOf(meta.expired, messages, span, now()) }
    tx.put(deliveryState.meta, [id], encodeJson(changed))
    meta = changed
  }
  const code = outcomeCodes.deadExpired
  return expired + (await settleParked({ state, id, workspaceVersion, code, before, more }))
}

/** When the messages of a step were received: of those that are for the destination. */
class Span {
  fromMs = Number.POSITIVE_INFINITY
  toMs = Number.NEGATIVE_INFINITY

  around(
    match: (resolved: ResolvedBlock, row: number) => Match<{ readonly name: string }>,
  ): (resolved: ResolvedBlock, row: number) => Match<{ readonly name: string }> {
    return (resolved, row) => {
      const found = match(resolved, row)
      if ('actions' in found) {
        this.add(resolved.block.receivedAtMs(row))
      }
      return found
    }
  }

  /** Of a parked message, when it was parked stands for when it was received: it was not long before. */
  add(atMs: number): void {
    this.fromMs = Math.min(this.fromMs, atMs)
    this.toMs = Math.max(this.toMs, atMs)
  }
}

const countExpired = ({ runs, counts }: Settled): number => {
  let messages = 0
  for (const byKind of counts.values()) {
    for (const [kind, count] of byKind) if (runs.kinds[kind]?.code === outcomeCodes.deadExpired) messages += count
  }
  return messages
}

const sumOf = (
  before: ExpiredMessages | undefined,
  messages: number,
  { fromMs, toMs }: Span,
  nowMs: number,
): ExpiredMessages => ({
  messages: (before?.messages ?? 0) + messages,
  fromMs: Math.min(before?.fromMs ?? fromMs, fromMs),
  toMs: Math.max(before?.toMs ?? toMs, toMs),
  atMs: nowMs,
})

const metaOf = async (state: StateReader, id: string): Promise<DestinationMeta | undefined> => {
  const stored = await state.get(deliveryState.meta, [id])
  return stored && decodeMeta(stored)
}
