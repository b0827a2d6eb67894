import { isJsonObject } from '@millrace/protocol'
import type { Json, JsonObject } from '@millrace/protocol'

/**
 * The first place where a value does not fit a JSON Schema, as a JSON pointer with the keyword; undefined when it fits.
 * Written for tests, independently of what makes the schemas; it throws on a keyword that it does not know.
 */
export function jsonSchemaProblem(value: Json, schema: Json, root: Json = schema, at = ''): string | undefined {
  if (schema === true) return undefined
  if (!isJsonObject(schema)) return `${at}: refused by ${JSON.stringify(schema)}`
  for (const [keyword, argument] of Object.entries(schema)) {
    if (notes.has(keyword)) continue
    const check = keywords[keyword]
    if (check === undefined) throw new Error(`the test does not know the keyword ${keyword}`)
    const problem = check({ value, argument, schema, root, at })
    if (problem === false) return `${at || '/'}: ${keyword} ${JSON.stringify(argument).slice(0, 80)}`
    if (typeof problem === 'string') return problem
  }
  return undefined
}

interface Site {
  value: Json
  argument: Json
  schema: JsonObject
  root: Json
  at: string
}

const notes = new Set('$schema $defs title description default examples writeOnly deprecated format'.split(' '))

const fits = (value: Json, schema: Json, { root, at }: Site) => jsonSchemaProblem(value, schema, root, at) === undefined
const text = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))
const list = (value: Json): Json[] => (Array.isArray(value) ? value : [])
const object = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {})

const keywords: { [keyword: string]: (site: Site) => boolean | string | undefined } = {
  type: ({ value, argument }) => (Array.isArray(argument) ? argument : [argument]).some((type) => isA(value, type)),
  const: ({ value, argument }) => JSON.stringify(value) === JSON.stringify(argument),
  enum: ({ value, argument }) => list(argument).some((item) => JSON.stringify(item) === JSON.stringify(value)),
  minimum: ({ value, argument }) => typeof value !== 'number' || value >= Number(argument),
  maximum: ({ value, argument }) => typeof value !== 'number' || value <= Number(argument),
  minLength: ({ value, argument }) => typeof value !== 'string' || value.length >= Number(argument),
  pattern: ({ value, argument }) => typeof value !== 'string' || new RegExp(text(argument)).test(value),
  minItems: ({ value, argument }) => !Array.isArray(value) || value.length >= Number(argument),
  uniqueItems: ({ value }) => new Set(list(value).map((item) => JSON.stringify(item))).size === list(value).length,
  items: ({ value, argument, root, at }) =>
    firstOf(list(value).map((item, index) => jsonSchemaProblem(item, argument, root, `${at}/${index}`))),
  required: ({ value, argument }) =>
    !isJsonObject(value) || list(argument).every((name) => Object.hasOwn(value, text(name))),
  propertyNames: ({ value, argument, root, at }) =>
    firstOf(Object.keys(object(value)).map((name) => jsonSchemaProblem(name, argument, root, `${at}/${name}`))),
  properties: ({ value, argument, root, at }) =>
    firstOf(
      Object.entries(object(argument)).map(([name, schema]) =>
        Object.hasOwn(object(value), name)
          ? jsonSchemaProblem(object(value)[name] ?? null, schema, root, `${at}/${name}`)
          : undefined,
      ),
    ),
  patternProperties: ({ value, argument, root, at }) =>
    firstOf(
      Object.entries(object(argument)).flatMap(([pattern, schema]) =>
        Object.entries(object(value))
          .filter(([name]) => new RegExp(pattern).test(name))
          .map(([name, item]) => jsonSchemaProblem(item, schema, root, `${at}/${name}`)),
      ),
    ),
  additionalProperties: ({ value, argument, schema, root, at }) =>
    firstOf(
      Object.entries(object(value))
        .filter(([name]) => !Object.hasOwn(object(schema.properties), name))
        .filter(([name]) => !Object.keys(object(schema.patternProperties)).some((key) => new RegExp(key).test(name)))
        .map(([name, item]) => jsonSchemaProblem(item, argument, root, `${at}/${name}`)),
    ),
  anyOf: (site) => list(site.argument).some((schema) => fits(site.value, schema, site)),
  oneOf: (site) => list(site.argument).filter((schema) => fits(site.value, schema, site)).length === 1,
  $ref: ({ value, argument, root, at }) => {
    const path = text(argument).replace(/^#\//, '').split('/')
    return jsonSchemaProblem(
      value,
      path.reduce<Json>((schema, key) => object(schema)[key] ?? false, root),
      root,
      at,
    )
  },
}

const firstOf = (problems: readonly (string | undefined)[]) => problems.find((problem) => problem !== undefined)

function isA(value: Json, type: Json): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isJsonObject(value)
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}
