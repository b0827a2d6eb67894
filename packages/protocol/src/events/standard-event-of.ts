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

/**
 * Names seen so far, known or not: folding costs about 0.5 µs, this look-up a tenth. Emptied when full, so that made-up
 * names cannot fill the memory.
 */
const seen = new Map<string, StandardEvent | undefined>()
const maxSeen = 5_000

/**
 * The standard event that an event name stands for, by its name or one of its aliases (`Viewed Product` is `Product Viewed`).
 * Case does not count, nor do blanks, `_`, `-` and `.`; any other difference does.
 */
export function standardEventOf(name: string): StandardEvent | undefined {
  const known = seen.get(name)
  if (known !== undefined || seen.has(name)) return known
  if (name.length > longestName) return undefined
  const event = byKey.get(keyOf(name))
  if (seen.size >= maxSeen) seen.clear()
  seen.set(name, event)
  return event
}
