import type { PropertySpec, PropertySpecs, PropertyType, StandardEvent } from '@millrace/protocol'

/** TypeScript interfaces of the standard events, and of the objects in them. */

/** As a literal of TypeScript. */
export const textOf = (text: string): string => `'${text.replaceAll("'", String.raw`\'`)}'`

const words = (name: string): string[] => name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)

/** `OrderCompleted` */
export const interfaceName = (event: string): string => words(event).map(capital).join('')

/** `orderCompleted` */
export const helperName = (event: string): string => {
  const name = interfaceName(event)
  return name.slice(0, 1).toLowerCase() + name.slice(1)
}

/** Objects within events that have no good name of their own. */
const objectNames: { readonly [property: string]: string } = { filters: 'ListOption', sorts: 'ListOption' }

interface Shape {
  specs: PropertySpecs
  property: string
  uses: string[]
}

/** The objects within the events, each shape once, with a name: the most used one of a property has the plain name. */
const namedShapes = (events: readonly StandardEvent[]): Map<string, string> => {
  const shapes = new Map<string, Shape>()
  const visit = (specs: PropertySpecs, event: string): void => {
    for (const [property, spec] of Object.entries(specs)) {
      if (spec.properties === undefined) continue
      const key = keyOf(spec.properties)
      const shape = shapes.get(key) ?? { specs: spec.properties, property, uses: [] }
      shape.uses.push(event)
      shapes.set(key, shape)
      visit(spec.properties, event)
    }
  }
  for (const { name, properties } of events) visit(properties, name)
  const names = new Map<string, string>()
  const taken = new Set<string>()
  for (const [key, { property, uses }] of [...shapes].sort(
    ([, one], [, other]) => other.uses.length - one.uses.length,
  )) {
    const plain = objectNames[property] ?? capital(property.replace(/s$/, ''))
    const name = taken.has(plain) ? interfaceName(uses[0] ?? '') + plain : plain
    taken.add(name)
    names.set(key, name)
  }
  return names
}

const keyOf = (specs: PropertySpecs): string => JSON.stringify(specs)

/** All interfaces, first those of the objects within events. */
export const interfacesOf = (events: readonly StandardEvent[]): string => {
  const names = namedShapes(events)
  const typeOf = (type: PropertyType, spec: PropertySpec): string => {
    const choices = spec.choices?.map((choice) => (typeof choice === 'string' ? textOf(choice) : String(choice)))
    if (type === 'datetime') return 'string | Date'
    if (type === 'string' || type === 'url') return choices?.join(' | ') ?? 'string'
    if (type === 'number' || type === 'integer') return choices?.join(' | ') ?? 'number'
    if (type === 'boolean') return 'boolean'
    const named = spec.properties === undefined ? undefined : names.get(keyOf(spec.properties))
    if (type === 'object') return named ?? '{ readonly [key: string]: unknown }'
    const item =
      named ??
      (spec.itemType === undefined ? choices?.join(' | ') : typeOf(spec.itemType, { ...spec, type: spec.itemType }))
    return `readonly ${item === undefined ? 'unknown' : item.includes(' ') ? `(${item})` : item}[]`
  }
  const property = ([name, spec]: [string, PropertySpec]): string => {
    const types = [spec.type, ...(spec.accepts ?? [])].map((type) => typeOf(type, spec))
    if (spec.nullable === true) types.push('null')
    const optional = spec.required === true ? '' : '?'
    // Absent and undefined are the same in JSON.
    const type = [...new Set(types), ...(optional === '' ? [] : ['undefined'])].join(' | ')
    return `  /** ${spec.description} */\n  ${name}${optional}: ${type}`
  }
  const body = (specs: PropertySpecs): string[] => [
    ...Object.entries(specs).map(property),
    '  [property: string]: unknown',
    '}',
    '',
  ]
  const objects = [...names].flatMap(([key, name]) => [
    `export interface ${name} {`,
    ...body(JSON.parse(key) as PropertySpecs),
  ])
  return [
    ...objects,
    ...events.flatMap(({ name, category, description, properties }) => [
      `/** ${description} (${category}) */`,
      `export interface ${interfaceName(name)} {`,
      ...body(properties),
    ]),
  ].join('\n')
}
