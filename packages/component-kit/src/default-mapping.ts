import type { JsonObject } from '@millrace/protocol'
import type { Fields } from './fields.ts'

/**
 * The mapping that an action runs with when none is written: the default of each field that has one. A new object each
 * time, free to be changed.
 */
export function defaultMapping(fields: Fields): JsonObject {
  const mapping: JsonObject = {}
  for (const [name, spec] of Object.entries(fields)) {
    if (spec.default !== undefined) mapping[name] = structuredClone(spec.default)
  }
  return mapping
}
