import type { Json } from './json.ts'

/** Levels of nesting that a message may have; the message itself is the first. */
export const maxNestingLevels = 100

/**
 * True when `value` nests more than `limit` levels of objects and lists; a scalar has none, `{}` has one.
 * The recursion ends at the limit, so the stack is safe however deep the input is; choose limits below 1,000.
 */
export function exceedsDepth(value: Json, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (limit <= 0) return true
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const item = value[index]
      if (typeof item === 'object' && item !== null && exceedsDepth(item, limit - 1)) return true
    }
    return false
  }
  // for-in reads the engine's cached key list and allocates nothing; Object.values builds a list per object.
  for (const key in value) {
    const item = value[key]
    if (typeof item === 'object' && item !== null && exceedsDepth(item, limit - 1)) return true
  }
  return false
}
