import { messageTypes, standardFormOf } from '@millrace/protocol'
import type { Json, StandardForm } from '@millrace/protocol'
import { isJsonObject } from './json-kind.ts'

/** Whether a mapping may read the standard form: a text in it has the word. */
export function mentionsStandardForm(mapping: Json): boolean {
  if (typeof mapping === 'string') return /\bstandard\b/.test(mapping)
  if (Array.isArray(mapping)) return mapping.some(mentionsStandardForm)
  return isJsonObject(mapping) && Object.values(mapping).some(mentionsStandardForm)
}

const types: ReadonlySet<unknown> = new Set(messageTypes)

/**
 * A message with its standard form under `standard`, which is worked out when it is read, and is not among the fields that are
 * copied with the whole message. A payload that is no message is given back as it is.
 */
export function withStandardForm(payload: Record<string, unknown>): Record<string, unknown> {
  if (!types.has(payload['type'])) return payload
  let form: StandardForm | undefined
  return Object.defineProperty({ ...payload }, 'standard', {
    get: () => (form ??= standardFormOf(payload)),
    enumerable: false,
    configurable: true,
  })
}
