import type { EventSpec } from './events/define-events.ts'
import { parseIsoTime } from './iso-time.ts'
import { isJsonObject } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import { describeValue } from './problem.ts'
import type { PropertySpec, PropertySpecs, PropertyType } from './property.ts'

export type ViolationKind = 'missing' | 'type' | 'choice'

/** One difference between the properties that were sent and those that the dictionary describes. */
export interface Violation {
  kind: ViolationKind
  /** `properties.products[0].price` */
  path: string
  reason: string
}

/** Most violations that one message gets, and most items that are looked at in one list. */
const maxViolations = 20
const maxItems = 100

/**
 * How the properties of a track message differ from the dictionary: a required one is missing, a type or a choice is wrong.
 * Properties that the dictionary does not know are fine, null is as absent, an alias counts as its property. At most 20.
 */
export function violationsOf(
  event: Pick<EventSpec, 'properties'>,
  properties: JsonObject | null | undefined,
): Violation[] {
  const found: Violation[] = []
  compareObject(event.properties, properties ?? {}, 'properties', found)
  return found
}

function compareObject(specs: PropertySpecs, object: JsonObject, path: string, found: Violation[]): void {
  for (const name of namesOf(specs)) {
    if (found.length >= maxViolations) return
    const spec = specs[name]
    if (spec === undefined) continue
    const key = sentNameOf(object, name, spec)
    const value = key === undefined ? undefined : object[key]
    if (key !== undefined && value !== undefined && value !== null) compareValue(spec, value, `${path}.${key}`, found)
    else if (spec.required === true && !(value === null && spec.nullable === true)) {
      found.push({
        kind: 'missing',
        path: `${path}.${name}`,
        reason: `${name} is required. Send ${articleOf(spec.type)}.`,
      })
    }
  }
}

function compareValue(spec: PropertySpec, value: Json, path: string, found: Violation[]): void {
  if (!hasAType(spec, value)) {
    found.push({ kind: 'type', path, reason: `${path} is ${describeValue(value)}. Send ${articleOf(spec.type)}.` })
    return
  }
  if (Array.isArray(value)) return compareItems(spec, value, path, found)
  if (isJsonObject(value)) {
    if (spec.properties !== undefined) compareObject(spec.properties, value, path, found)
    return
  }
  if (spec.choices?.some((choice) => choice === value) === false) {
    found.push({
      kind: 'choice',
      path,
      reason: `${path} is ${describeValue(value)}. Send one of ${spec.choices.join(', ')}.`,
    })
  }
}

function compareItems(spec: PropertySpec, items: Json[], path: string, found: Violation[]): void {
  const itemSpec = itemSpecOf(spec)
  if (itemSpec === undefined) return
  for (let index = 0; index < items.length && index < maxItems; index++) {
    const item = items[index]
    if (found.length >= maxViolations) return
    if (item !== undefined && item !== null) compareValue(itemSpec, item, `${path}[${index}]`, found)
  }
}

/** What each item of a list must be; undefined where the dictionary does not say. */
export function itemSpecOf(spec: PropertySpec): PropertySpec | undefined {
  const { description, itemType, properties, choices } = spec
  if (properties !== undefined) return { type: 'object', description, properties }
  if (itemType !== undefined) return { type: itemType, description }
  // A property that may be one of several choices or a list of them: each item is one.
  if (choices !== undefined) return { type: spec.type, description, choices }
  return undefined
}

/** The key under which the property was sent: its own name first, then its aliases. */
function sentNameOf(object: JsonObject, name: string, spec: PropertySpec): string | undefined {
  if (Object.hasOwn(object, name)) return name
  return spec.aliases?.find((alias) => Object.hasOwn(object, alias))
}

const typeTests: Record<PropertyType, (value: Json) => boolean> = {
  string: (value) => typeof value === 'string',
  url: (value) => typeof value === 'string', // any text: schemes of apps and relative addresses are in use
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  datetime: (value) => !Number.isNaN(parseIsoTime(value)),
  array: (value) => Array.isArray(value),
  object: (value) => isJsonObject(value),
}
const hasType = (type: PropertyType, value: Json): boolean => typeTests[type](value)

/** Whether the value has the type of the property or one that counts as right; what is in it is not looked at. */
export const hasAType = ({ type, accepts }: PropertySpec, value: Json): boolean =>
  hasType(type, value) || (accepts?.some((other) => hasType(other, value)) ?? false)

const articles: Record<PropertyType, string> = {
  string: 'a string',
  url: 'an address as a string',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  datetime: 'a time by ISO 8601',
  array: 'a list',
  object: 'an object',
}
const articleOf = (type: PropertyType): string => articles[type]

const namesBySpecs = new WeakMap<PropertySpecs, readonly string[]>()

/** Names of the properties, listed once per dictionary entry. */
function namesOf(specs: PropertySpecs): readonly string[] {
  let names = namesBySpecs.get(specs)
  if (names === undefined) {
    names = Object.keys(specs)
    namesBySpecs.set(specs, names)
  }
  return names
}
