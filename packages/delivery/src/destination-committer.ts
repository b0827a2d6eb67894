import type { Cursor, StateStore, StateTransaction } from '@millrace/storage'
import { forgetCopy, letterKey, putCopy } from './dead/copy-store.ts'
import type { LetterPlace } from './redrive-letters.ts'
import { consumerOf, countersOf, deliveryState, encodeJson, outcomeKey } from './delivery-state.ts'
import type { DeadLetter } from './delivery-state.ts'
import type { Settled } from './delivery-window.ts'
import type { LateChange, LateRow } from './late-outcomes.ts'
import { storedKind } from './outcome-kind.ts'
import type { OutcomeKind, StoredKind } from './outcome-kind.ts'
import { encodeOutcomes } from './outcome-runs.ts'
import { encodeParked } from './parked-delivery.ts'
import type { ParkedRow } from './parked-delivery.ts'

/** A dead letter and the row it belongs to. */
export interface PlacedDeadLetter extends Cursor {
  letter: DeadLetter
  /** What is kept of the message besides, encoded. */
  copy?: Uint8Array | undefined
  /** Tells what is known of the whole row once it is complete; absent where a late row says it. */
  kind?: () => StoredKind
}

/** What is committed beside the rows that the cursor passes. */
export interface ParkedChanges {
  /** Rows that are parked, or have changed. */
  puts: readonly ParkedRow[]
  /** Rows that ended. */
  deletes: readonly ParkedRow[]
  late: readonly LateChange[]
  /** Letters of dead deliveries that are redriven. Their copies stay for as long as they are parked. */
  redriven?: readonly LetterPlace[]
  /** How long the destination was paused in all. */
  pausedMs: number
}

/** What one commit stores. */
export interface CommitWork {
  /** Undefined when only parked deliveries have changed. */
  settled: Settled | undefined
  letters: readonly PlacedDeadLetter[]
  /** Of those in `parked.puts`, the new ones. */
  added: readonly ParkedRow[]
  parked: ParkedChanges
}

/**
 * Commits what a destination settled: outcomes, counters, dead letters, parked deliveries, what ended of those, and the cursor,
 * in one transaction. If the process dies before it, the same messages are delivered again with the same idempotency keys.
 * @param settled Undefined when only parked deliveries have changed.
 */
export const commitSettled = async (
  state: StateStore,
  destination: string,
  settled: Settled | undefined,
  deadLetters: readonly PlacedDeadLetter[],
  workspaceVersion: number,
  { parked, more }: { parked?: ParkedChanges | undefined; more?: ((tx: StateTransaction) => void) | undefined } = {},
): Promise<void> => {
  await state.transaction((tx) => {
    const count = (source: string, kind: OutcomeKind, messages: number): void => {
      for (const name of countersOf(destination, source, kind)) tx.add(name, messages)
    }
    if (settled !== undefined) {
      const { from, to, runs, counts } = settled
      tx.put(
        deliveryState.outcomes,
        outcomeKey(destination, from.block, from.index),
        encodeOutcomes(to, workspaceVersion, runs, counts),
      )
      for (const [source, byKind] of counts) {
        for (const [kind, messages] of byKind) count(source, runs.kinds[kind] as OutcomeKind, messages)
      }
      tx.setCursor(consumerOf(destination), to)
    }
    for (const row of parked?.deletes ?? []) {
      const key = letterKey(destination, row, row.action)
      tx.delete(deliveryState.parked, key)
      forgetCopy(tx, key, row)
    }
    for (const place of parked?.redriven ?? []) {
      tx.delete(deliveryState.dead, letterKey(destination, place, place.action))
    }
    for (const { block, index, letter, copy } of deadLetters) {
      const key = letterKey(destination, { block, index }, letter.action)
      tx.put(deliveryState.dead, key, encodeJson(letter))
      if (copy !== undefined) putCopy(tx, key, copy)
    }
    more?.(tx)
    if (parked === undefined) return
    for (const { place, source, from, before, after } of parked.late) {
      const row: LateRow = { source, from: storedKind(from), to: storedKind(after) }
      tx.put(deliveryState.late, [destination, place.block, place.index], encodeJson(row))
      count(source, before, -1)
      count(source, after, 1)
    }
    for (const row of parked.puts) {
      tx.put(deliveryState.parked, letterKey(destination, row, row.action), encodeParked(row, parked.pausedMs))
    }
  })
}
