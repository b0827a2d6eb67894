import type { StateEntry, StateReader, StateStore } from '@millrace/storage'
import { consumerOf, counterPrefixesOf, deliveryState, encodeJson } from './delivery-state.ts'
import type { DestinationMeta } from './delivery-state.ts'

/**
 * Moves all that is kept of a destination to another id, in one transaction. Also the way in which the account of a removed
 * destination is put aside, so that its id can be used anew.
 * @param meta Replaces what is known of the destination, in the same transaction.
 */
export const renameDestination = async (
  state: StateStore,
  from: string,
  to: string,
  meta?: DestinationMeta,
): Promise<void> => {
  const cursor = await state.cursor(consumerOf(from))
  const { outcomes, dead, parked, late, meta: described, paused } = deliveryState
  // Copies of dead messages may be large; they move on their own.
  const spaces = [outcomes, dead, parked, late, described, paused] as const
  const entries = new Map<string, readonly StateEntry[]>()
  for (const space of spaces) entries.set(space, await scanAll(state, space, from))
  const [before, after] = [counterPrefixesOf(from), counterPrefixesOf(to)]
  const moved = new Map<string, number>()
  for (const kind of ['all', 'pruned'] as const) {
    for (const [name, value] of await state.counters(before[kind])) {
      moved.set(name, -value)
      moved.set(after[kind] + name.slice(before[kind].length), value)
    }
  }
  await state.transaction((tx) => {
    for (const [space, list] of entries) {
      for (const { key, value } of list) {
        tx.put(space, [to, ...key.slice(1)], value)
        tx.delete(space, key)
      }
    }
    if (meta !== undefined) tx.put(deliveryState.meta, [to], encodeJson(meta))
    for (const [name, delta] of moved) tx.add(name, delta)
    if (cursor !== undefined) {
      tx.setCursor(consumerOf(to), cursor)
      tx.deleteCursor(consumerOf(from))
    }
  })
}

const scanAll = async (state: StateReader, space: string, destination: string): Promise<StateEntry[]> => {
  const all: StateEntry[] = []
  for (;;) {
    const last = all.at(-1)
    const page = await state.scan(space, {
      prefix: [destination],
      // The least key after the last one: the same with one more part.
      ...(last !== undefined && { from: [...last.key, 0] }),
    })
    all.push(...page)
    if (page.length < 1000) return all
  }
}
