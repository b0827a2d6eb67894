import type { Json, JsonObject } from '@millrace/protocol'

/** An object that is no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return isRecord(value)
}

/** Whether an object of a mapping is a directive: it has a key that begins with `@`. */
export function isDirective(value: Json | undefined): value is JsonObject {
  return isJsonObject(value) && Object.keys(value).some((key) => key.startsWith('@'))
}

/** What a value is, for messages: "a string", "null", "missing". */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
