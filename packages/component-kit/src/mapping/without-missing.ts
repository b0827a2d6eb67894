import { isRecord } from './json-kind.ts'
import { setOwn } from './set-own.ts'

/** The value without keys that have no value, at every depth. What needs no change is returned as it is, not copied. */
export function withoutMissing(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(withoutMissing)
    return items.some((item, index) => item !== value[index]) ? items : value
  }
  if (!isRecord(value)) return value
  const result: Record<string, unknown> = {}
  let changed = false
  for (const key of Object.keys(value)) {
    const before = value[key]
    const after = withoutMissing(before)
    if (after === undefined) {
      changed = true
      continue
    }
    if (after !== before) changed = true
    setOwn(result, key, after)
  }
  return changed ? result : value
}
