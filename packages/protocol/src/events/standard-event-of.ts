import { boundedMemo } from '../bounded-memo.ts'
import { standardEvents } from './dictionary.ts'
import type { StandardEvent } from './dictionary.ts'

/** A name without case and separators: `Order Completed`, `order_completed` and `orderCompleted` have one key. */
const keyOf = (name: string): string => name.toLowerCase().replaceAll(/[ _.-]/g, '')

const byKey = new Map<string, StandardEvent>()
for (const event of standardEvents) {
  for (const name of [event.name, ...(event.aliases ?? [])]) byKey.set(keyOf(name), event)
}

const longestKey = Math.max(...[...byKey.keys()].map((key) => key.length))
/** Names longer than this have too many separators to be meant; they are not even remembered. */
const longestName = 2 * longestKey

/** Measured: 0.3 µs to fold a name, 0.02 µs to remember it. */
const lookUp = boundedMemo(5_000, (name) => byKey.get(keyOf(name)))

/**
 * The standard event that an event name stands for, by its name or one of its aliases (`Viewed Product` is `Product Viewed`).
 * Case does not count, nor do blanks, `_`, `-` and `.`; any other difference does.
 */
export const standardEventOf = (name: string): StandardEvent | undefined =>
  name.length > longestName ? undefined : lookUp(name)
