import type { Cursor, Offset, StateReader } from '@millrace/storage'
import { compareCursors } from '@millrace/storage'
import type { KnownDestination } from './delivery-ledger.ts'
import { deliveryState } from './delivery-state.ts'

/**
 * The oldest place of the log that a destination still needs: the lesser of its cursor and its oldest parked message. What is
 * parked before `tail` carries its message with it, and needs no log.
 */
export const oldestNeeded = async (
  state: StateReader,
  { id, cursor }: Pick<KnownDestination, 'id' | 'cursor'>,
  tail: Offset,
): Promise<Cursor> => {
  const [entry] = await state.scan(deliveryState.parked, { prefix: [id], from: [id, tail], limit: 1 })
  if (entry === undefined) return cursor
  const parked = { block: entry.key[1] as number, index: entry.key[2] as number }
  return compareCursors(parked, cursor) < 0 ? parked : cursor
}
