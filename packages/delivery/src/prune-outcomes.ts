import { countersOf, deliveryState, outcomeKey, prunedCounterOf } from './delivery-state.ts'
import type { OutcomeKind } from './outcome-kind.ts'
import { decodeOutcomes } from './outcome-runs.ts'
import { compareCursors } from '@millrace/storage'
import type { Offset, StateStore } from '@millrace/storage'

/**
 * Removes the outcome records of a destination that lie wholly before `tail`, whose rows the log no longer has. What they
 * count is added up in the counters of the pruned part, in the same transaction, so the account can still be recounted.
 * Dead letters stay. Returns how many records were removed.
 */
export const pruneOutcomes = async (state: StateStore, destination: string, tail: Offset): Promise<number> => {
  for (let removed = 0; ;) {
    const page = await state.scan(deliveryState.outcomes, { prefix: [destination], limit: 500 })
    const records = page
      .map(({ key, value }) => decodeOutcomes({ block: key[1] as number, index: key[2] as number }, value))
      // One that ends inside the first kept block still has rows there.
      .filter(({ to }) => compareCursors(to, { block: tail, index: 0 }) <= 0)
    if (records.length === 0) return removed
    await state.transaction((tx) => {
      for (const { from, runs, counts } of records) {
        tx.delete(deliveryState.outcomes, outcomeKey(destination, from.block, from.index))
        for (const [source, byKind] of counts) {
          for (const [kind, messages] of byKind) {
            const names = countersOf(destination, source, runs.kinds[kind] as OutcomeKind)
            for (const name of names) tx.add(prunedCounterOf(name), messages)
          }
        }
      }
    })
    removed += records.length
  }
}
