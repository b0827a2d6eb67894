import { countersOf, deliveryState, encodeJson, outcomeKey, prunedCounterOf } from './delivery-state.ts'
import { decodeLate } from './late-outcomes.ts'
import type { LateRow } from './late-outcomes.ts'
import { outcomeCodes } from './outcome-code.ts'
import { kindOf } from './outcome-kind.ts'
import type { OutcomeKind } from './outcome-kind.ts'
import { decodeOutcomes } from './outcome-runs.ts'
import { compareCursors } from '@millrace/storage'
import type { Cursor, Key, Offset, StateEntry, StateStore } from '@millrace/storage'

const PAGE = 500

/**
 * Removes the outcome records of a destination that lie wholly before `tail`, whose rows the log no longer has. What they
 * count is added up in the counters of the pruned part, in the same transaction, so the account can still be recounted.
 * Then what became later of rows that have no record any more is added there too. Dead letters stay. Returns how many records were
 * removed.
 */
export const pruneOutcomes = async (state: StateStore, destination: string, tail: Offset): Promise<number> => {
  const removed = await pruneRecords(state, destination, tail)
  const [oldest] = await state.scan(deliveryState.outcomes, { prefix: [destination], limit: 1 })
  // Rows from here on have a record, whether the log still has them or not.
  const end = oldest === undefined ? { block: tail, index: 0 } : placeOf(oldest.key)
  await pruneLate(state, destination, end)
  return removed
}

const pruneRecords = async (state: StateStore, destination: string, tail: Offset): Promise<number> => {
  for (let removed = 0; ;) {
    const page = await state.scan(deliveryState.outcomes, { prefix: [destination], limit: PAGE })
    const records = page
      .map(({ key, value }) => decodeOutcomes(placeOf(key), value))
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

/**
 * Takes the late outcomes of rows without a record into the pruned counters. A row of which an action is still parked stays until
 * that ends. One with a dead letter stays as what is known of it, because the letter may be redriven.
 */
const pruneLate = async (state: StateStore, destination: string, end: Cursor): Promise<void> => {
  let from: Key = [destination]
  for (;;) {
    const page = await state.scan(deliveryState.late, {
      prefix: [destination],
      from,
      to: [destination, end.block, end.index],
      limit: PAGE,
    })
    const rows: { key: Key; row: LateRow; hasLetter: boolean }[] = []
    for (const { key, value } of page) {
      const row = decodeLate(value)
      if (row.to[0] === outcomeCodes.parked) continue
      const letters = await state.scan(deliveryState.dead, { prefix: key, limit: 1 })
      const isFolded = JSON.stringify(row.from) === JSON.stringify(row.to)
      if (letters.length === 0 || !isFolded) rows.push({ key, row, hasLetter: letters.length > 0 })
    }
    if (rows.length > 0) {
      await state.transaction((tx) => {
        for (const { key, row, hasLetter } of rows) {
          for (const name of countersOf(destination, row.source, kindOf(row.from))) tx.add(prunedCounterOf(name), -1)
          for (const name of countersOf(destination, row.source, kindOf(row.to))) tx.add(prunedCounterOf(name), 1)
          if (hasLetter) tx.put(deliveryState.late, key, encodeJson({ ...row, from: row.to } satisfies LateRow))
          else tx.delete(deliveryState.late, key)
        }
      })
    }
    const last: StateEntry | undefined = page.at(-1)
    if (page.length < PAGE || last === undefined) return
    from = [...last.key, 0]
  }
}

const placeOf = (key: Key): Cursor => ({ block: key[1] as number, index: key[2] as number })
