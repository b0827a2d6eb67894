import type { Cursor, StateStore, StateTransaction } from '@millrace/storage'
import { letterKey, putCopy } from './dead/copy-store.ts'
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
  /** How long the destination was paused in all. */
  pausedMs: number
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
    for (const { block, index, action } of parked.deletes) {
      tx.delete(deliveryState.parked, [destination, block, index, action])
    }
    for (const row of parked.puts) {
      const { block, index, action } = row
      tx.put(deliveryState.parked, [destination, block, index, action], encodeParked(row, parked.pausedMs))
    }
  })
}
