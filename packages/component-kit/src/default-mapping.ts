import type { JsonObject } from '@millrace/protocol'
import type { Fields } from './fields.ts'

export function defaultMapping(_fields: Fields): JsonObject {
  return {}
}
