import type { StateStore, StateTransaction } from '@millrace/storage'
import { letterKey, putCopy } from './dead/copy-store.ts'
import { consumerOf, countersOf, deliveryState, encodeJson, outcomeKey } from './delivery-state.ts'
import type { DeadLetter } from './delivery-state.ts'
import type { Settled } from './delivery-window.ts'
import type { OutcomeKind } from './outcome-kind.ts'
import { encodeOutcomes } from './outcome-runs.ts'

/** A dead letter and the row it belongs to. */
export interface PlacedDeadLetter {
  block: number
  index: number
  letter: DeadLetter
  /** What is kept of the message besides, encoded. */
  copy?: Uint8Array | undefined
}

/**
 * Commits what a destination settled: outcomes, counters, dead letters and the cursor, in one transaction. If the process
 * dies before it, the same messages are delivered again with the same idempotency keys.
 */
export const commitSettled = async (
  state: StateStore,
  destination: string,
  settled: Settled,
  deadLetters: readonly PlacedDeadLetter[],
  workspaceVersion: number,
  /** Written in the same transaction. */
  more: (tx: StateTransaction) => void = () => {},
): Promise<void> => {
  const { from, to, runs, counts } = settled
  await state.transaction((tx) => {
    tx.put(
      deliveryState.outcomes,
      outcomeKey(destination, from.block, from.index),
      encodeOutcomes(to, workspaceVersion, runs, counts),
    )
    for (const [source, byKind] of counts) {
      for (const [kind, messages] of byKind) {
        for (const name of countersOf(destination, source, runs.kinds[kind] as OutcomeKind)) tx.add(name, messages)
      }
    }
    for (const { block, index, letter, copy } of deadLetters) {
      const key = letterKey(destination, { block, index }, letter.action)
      tx.put(deliveryState.dead, key, encodeJson(letter))
      if (copy !== undefined) putCopy(tx, key, copy)
    }
    more(tx)
    tx.setCursor(consumerOf(destination), to)
  })
}
