import type { EventCategory, StandardEvent } from './events/dictionary.ts'
import { standardEventOf } from './events/standard-event-of.ts'
import { isJsonObject } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import type { PropertySpec, PropertySpecs } from './property.ts'
import { hasAType, itemSpecOf } from './violations.ts'

/**
 * A message as the dictionary would write it. Of a message that is no standard event it is the message: its event and its
 * properties as they were sent, and no category.
 */
export interface StandardForm {
  event?: string
  category?: EventCategory
  properties?: Json
}

/**
 * The standard form of a message: the name of the standard event in place of its alias, and properties by their standard
 * names. A value of a wrong type is converted where nothing is lost: a number to the text that it is, a text that is a number
 * or `true` or `false` to that. Everything else is as it was sent; the message is not changed.
 *
 * @example standardFormOf({ type: 'track', event: 'completed_order', properties: { orderId: 5 } })
 * // { event: 'Order Completed', category: 'Ecommerce', properties: { order_id: '5' } }
 */
export function standardFormOf(message: { readonly [field: string]: unknown }): StandardForm {
  const { type, event } = message
  const properties = message['properties'] as Json | undefined
  const name = type === 'track' && typeof event === 'string' ? event : undefined
  const standard = name === undefined ? undefined : standardEventOf(name)
  if (standard === undefined) {
    return { ...(name !== undefined && { event: name }), ...(properties !== undefined && { properties }) }
  }
  return {
    event: standard.name,
    category: standard.category,
    ...(properties !== undefined && { properties: propertiesOf(standard, properties) }),
  }
}

const propertiesOf = (event: StandardEvent, properties: Json): Json =>
  isJsonObject(properties) ? standardObject(event.properties, properties) : properties

function standardObject(specs: PropertySpecs, sent: JsonObject): JsonObject {
  const known = namesIn(specs)
  const entries = Object.entries(sent).map(([key, value]): [string, Json] => {
    const found = known.get(key)
    if (found === undefined) return [key, value]
    const { name, spec } = found
    // An alias beside the name itself, or beside an alias that comes before it, is a property of the sender's own.
    if (name !== key && nameSent(sent, name, spec) !== key) return [key, value]
    return [name, standardValue(spec, value)]
  })
  // Defines each key, `__proto__` included.
  return Object.fromEntries(entries)
}

const nameSent = (sent: JsonObject, name: string, spec: PropertySpec): string | undefined =>
  Object.hasOwn(sent, name) ? name : spec.aliases?.find((alias) => Object.hasOwn(sent, alias))

function standardValue(spec: PropertySpec, value: Json): Json {
  if (Array.isArray(value)) {
    const item = itemSpecOf(spec)
    return item === undefined ? value : value.map((each) => standardValue(item, each))
  }
  if (isJsonObject(value)) return spec.properties === undefined ? value : standardObject(spec.properties, value)
  return value === null || hasAType(spec, value) ? value : converted(spec.type, value)
}

/** The scalar as the type has it, or as it is where that would lose something. */
function converted(type: PropertySpec['type'], value: string | number | boolean): Json {
  if (type === 'string' || type === 'url') return String(value)
  if (typeof value !== 'string') return value
  if (type === 'boolean') return value === 'true' || value === 'false' ? value === 'true' : value
  if (type !== 'number' && type !== 'integer') return value
  const number = Number(value)
  const isSame = Number.isFinite(number) && String(number) === value
  return isSame && (type === 'number' || Number.isInteger(number)) ? number : value
}

interface Named {
  name: string
  spec: PropertySpec
}

const namesBySpecs = new WeakMap<PropertySpecs, ReadonlyMap<string, Named>>()

/** Every name and alias of the properties, listed once per dictionary entry. A name wins over an alias of another property. */
function namesIn(specs: PropertySpecs): ReadonlyMap<string, Named> {
  let names = namesBySpecs.get(specs)
  if (names === undefined) {
    const all = Object.entries(specs).map(([name, spec]) => ({ name, spec }))
    const aliases = all.flatMap((named) => (named.spec.aliases ?? []).map((alias): [string, Named] => [alias, named]))
    names = new Map([...aliases, ...all.map((named): [string, Named] => [named.name, named])])
    namesBySpecs.set(specs, names)
  }
  return names
}
