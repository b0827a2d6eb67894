import type { StateEntry, StateReader, StateStore } from '@millrace/storage'
import { consumerOf, deliveryState } from './delivery-state.ts'

/**
 * Moves all that is kept of a destination to another id, in one transaction. Also the way in which the account of a removed
 * destination is put aside, so that its id can be used anew.
 */
export const renameDestination = async (state: StateStore, from: string, to: string): Promise<void> => {
  const cursor = await state.cursor(consumerOf(from))
  const spaces = [deliveryState.outcomes, deliveryState.dead, deliveryState.meta] as const
  const entries = new Map<string, readonly StateEntry[]>()
  for (const space of spaces) entries.set(space, await scanAll(state, space, from))
  const counters = [...(await state.counters(`${from}/`)), ...(await state.counters(`pruned/${from}/`))]
  await state.transaction((tx) => {
    for (const [space, list] of entries) {
      for (const { key, value } of list) {
        tx.put(space, [to, ...key.slice(1)], value)
        tx.delete(space, key)
      }
    }
    for (const [name, value] of counters) {
      const pruned = name.startsWith('pruned/') ? 'pruned/' : ''
      tx.add(`${pruned}${to}${name.slice(pruned.length + from.length)}`, value)
      tx.add(name, -value)
    }
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
