import type { Cursor, StateReader } from '@millrace/storage'
import { deliveryState } from './delivery-state.ts'
import { decodeLate } from './late-outcomes.ts'
import type { LateOutcomes } from './late-outcomes.ts'
import { kindOf } from './outcome-kind.ts'
import { decodeParked } from './parked-delivery.ts'
import type { ParkedDelivery, ParkedRow } from './parked-delivery.ts'

const PAGE = 1_000

/** All parked deliveries of a destination, in the order of the log. */
export async function* parkedOf(
  state: StateReader,
  destination: string,
  from?: Cursor,
): AsyncGenerator<ParkedDelivery, void, undefined> {
  let at: readonly (string | number)[] = from === undefined ? [destination] : [destination, from.block, from.index]
  for (;;) {
    const page = await state.scan(deliveryState.parked, { prefix: [destination], from: at, limit: PAGE })
    for (const { value } of page) yield decodeParked(value)
    const last = page.at(-1)
    if (page.length < PAGE || last === undefined) return
    at = [...last.key, 0]
  }
}

/**
 * Reads what is parked at a destination, and opens its rows in `late` as they stand.
 * @param pausedMs How long the destination was paused in all, as the row counts on from it.
 */
export const readParked = async (
  state: StateReader,
  destination: string,
  late: LateOutcomes,
  pausedMs: number,
): Promise<ParkedRow[]> => {
  const rows: ParkedRow[] = []
  for await (const row of parkedOf(state, destination)) {
    const stored = await state.get(deliveryState.late, [destination, row.block, row.index])
    const { from, to } = stored === undefined ? { from: row.kind, to: row.kind } : decodeLate(stored)
    late.open({ block: row.block, index: row.index }, row.source, kindOf(from), kindOf(to))
    rows.push({ ...row, pausedBeforeMs: pausedMs - row.pausedMs })
  }
  return rows
}
