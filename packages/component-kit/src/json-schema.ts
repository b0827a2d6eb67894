import type { JsonObject } from '@millrace/protocol'
import type { Fields, FieldSpec } from './fields.ts'
import { isPlainDefault } from './fields.ts'

/**
 * The JSON Schema (draft 2020-12) of the values of some fields, as `compileFields` accepts them. Secrets are
 * `writeOnly`: they can be set and are never shown. Defaults that are directives are left out, since they are no values.
 */
export function fieldsToJsonSchema(fields: Fields): JsonObject {
  const properties: JsonObject = {}
  for (const [name, spec] of Object.entries(fields)) properties[name] = fieldSchema(spec)
  const required = Object.keys(fields).filter(
    (name) => fields[name]?.required === true && !isPlainDefault(fields[name].default),
  )
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties,
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  }
}

function fieldSchema(spec: FieldSpec): JsonObject {
  const { label, description, deprecated, many, example } = spec
  const value = valueSchema(spec)
  return {
    title: label,
    description: deprecated === undefined ? description : `${description} Deprecated: ${deprecated}`,
    ...(many === true ? { type: 'array', items: value } : value),
    ...(isPlainDefault(spec.default) && { default: structuredClone(spec.default) }),
    examples: [structuredClone(example)],
    ...(spec.type === 'secret' && { writeOnly: true }),
    ...(deprecated !== undefined && { deprecated: true }),
  }
}

function valueSchema({ type, choices, minimum, maximum }: FieldSpec): JsonObject {
  return {
    ...types[type],
    ...(choices !== undefined && { enum: [...choices] }),
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
  }
}

const types: { readonly [T in FieldSpec['type']]: JsonObject } = {
  string: { type: 'string' },
  secret: { type: 'string' },
  integer: { type: 'integer' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  datetime: { type: 'string', format: 'date-time' },
  object: { type: 'object' },
  any: {},
}
