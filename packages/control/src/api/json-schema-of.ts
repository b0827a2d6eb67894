import type { JsonObject } from '@millrace/protocol'

/** JSON Schemas of answers, kept in step with their types by the compiler: each property of the type needs its schema. */
export type SchemaOf<T> = {
  [K in keyof T]-?: {} extends Pick<T, K> ? { optional: JsonObject } : JsonObject
}

export function objectOf<T>(properties: SchemaOf<T>): JsonObject {
  const entries = Object.entries<JsonObject | { optional: JsonObject }>(properties)
  const schemas = entries.map(([name, schema]) => [name, isOptional(schema) ? schema.optional : schema] as const)
  const required = entries.filter(([, schema]) => !isOptional(schema)).map(([name]) => name)
  return { type: 'object', properties: Object.fromEntries(schemas), required }
}

export const optional = (schema: JsonObject): { optional: JsonObject } => ({ optional: schema })

const isOptional = (schema: object): schema is { optional: JsonObject } => Object.hasOwn(schema, 'optional')

export const text: JsonObject = { type: 'string' }
export const flag: JsonObject = { type: 'boolean' }
export const time: JsonObject = { type: 'string', format: 'date-time' }
export const count: JsonObject = { type: 'integer', minimum: 0 }
export const counts: JsonObject = { type: 'object', additionalProperties: count }
export const anything: JsonObject = {}
export const anyObject: JsonObject = { type: 'object' }
export const listOf = (items: JsonObject): JsonObject => ({ type: 'array', items })
