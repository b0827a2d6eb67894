import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupTraits, userTraits } from '../fields/traits.ts'
import { contextFields } from '../fields/context-fields.ts'
import { messageFields } from '../fields/message-fields.ts'
import type { PropertySpec, PropertySpecs } from '../property.ts'
import { standardEvents } from './dictionary.ts'

const walk = (specs: PropertySpecs, path: string): [string, PropertySpec][] =>
  Object.entries(specs).flatMap(([name, spec]) => [
    [`${path}.${name}`, spec] as [string, PropertySpec],
    ...walk(spec.properties ?? {}, `${path}.${name}`),
  ])

const everything = [
  ...standardEvents.flatMap((event) => [
    ...walk(event.properties, event.name),
    ...walk(event.context ?? {}, event.name),
  ]),
  ...walk({ ...messageFields, ...contextFields }, 'message'),
  ...walk({ ...userTraits, ...groupTraits }, 'traits'),
]

test('has 79 events of seven categories, each name once', () => {
  assert.equal(standardEvents.length, 79)
  assert.equal(new Set(standardEvents.map((event) => event.name)).size, 79)
  const counts: Record<string, number> = {}
  for (const { category } of standardEvents) counts[category] = (counts[category] ?? 0) + 1
  assert.deepEqual(counts, {
    Ecommerce: 28,
    'B2B SaaS': 10,
    Email: 6,
    'Live Chat': 4,
    Mobile: 13,
    Video: 17,
    'A/B Testing': 1,
  })
})

test('every event and property is described by a sentence', () => {
  for (const event of standardEvents) assert.match(event.description, /^[A-Z].*\.$/, event.name)
  for (const [path, spec] of everything) assert.match(spec.description, /\.$/, path)
})

test('only lists say what their items are, and only lists and objects have properties', () => {
  for (const [path, spec] of everything) {
    if (spec.itemType !== undefined) assert.equal(spec.type, 'array', path)
    if (spec.properties !== undefined) assert.ok(spec.type === 'array' || spec.type === 'object', path)
  }
})
