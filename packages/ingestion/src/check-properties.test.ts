import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { isJsonObject, itemSpecOf, standardEventOf, standardEvents, violationsOf } from '@millrace/protocol'
import type { Json, JsonObject, PropertySpec, PropertySpecs, StandardEvent } from '@millrace/protocol'
import * as fc from 'fast-check'
import { checkProperties } from './check-properties.ts'

const check = (event: StandardEvent, text: string, before = '{"properties":'): readonly unknown[] => {
  const body = Buffer.from(`${before}${text}}`)
  const start = Buffer.byteLength(before)
  return checkProperties(event, body, start, start + Buffer.byteLength(text))
}

/** Values that follow a property, or nearly do. */
const valueOf = (spec: PropertySpec): fc.Arbitrary<Json> => {
  const types = [spec.type, ...(spec.accepts ?? [])]
  const item = types.includes('array') ? itemSpecOf(spec) : undefined
  const byType: Record<PropertySpec['type'], fc.Arbitrary<Json>> = {
    string: fc.constantFrom('', 'text', 'é\n"\\', '5'),
    url: fc.constantFrom('https://a.example', '/'),
    number: fc.constantFrom(0, -1.5, 1e21, 12),
    integer: fc.constantFrom(0, 3, -7, 1.5, 1e21, 1e-7, 2 ** 60),
    boolean: fc.boolean(),
    datetime: fc.constantFrom('2026-03-02', 'soon'),
    array: fc.array(
      item === undefined
        ? (fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<Json>)
        : fc.oneof({ weight: 8, arbitrary: valueOf(item) }, fc.constantFrom<Json>(null, 5)),
      { maxLength: 3 },
    ),
    object: spec.properties === undefined ? fc.constantFrom<Json>({}, { a: [1, {}] }) : propertiesOf(spec.properties),
  }
  const right = types.map((type) => ({ weight: 8, arbitrary: byType[type] }))
  const choices = (spec.choices ?? []).map((choice) => ({ weight: 12, arbitrary: fc.constant<Json>(choice) }))
  return fc.oneof(...right, ...choices, fc.constantFrom<Json>(null, true, 5, '5', [], {}, [{}]))
}

const propertiesOf = (specs: PropertySpecs): fc.Arbitrary<JsonObject> => {
  const names = Object.entries(specs).flatMap(([name, spec]) =>
    [name, ...(spec.aliases ?? [])].map((sent) => valueOf(spec).map((value): [string, Json] => [sent, value])),
  )
  const other = fc.tuple(
    fc.constantFrom('custom', '__proto__', 'é'),
    fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
  )
  return fc
    .uniqueArray(fc.oneof({ weight: 9, arbitrary: names.length === 0 ? other : fc.oneof(...names) }, other), {
      selector: ([name]) => name,
      maxLength: 4,
    })
    .map((entries) => Object.fromEntries(entries))
}

const arbitraries = new Map(standardEvents.map((event) => [event, propertiesOf(event.properties)]))

test('finds in the bytes what violationsOf finds in the values, of any event, value and spacing', () => {
  let followed = 0
  fc.assert(
    fc.property(
      fc
        .constantFrom(...standardEvents)
        .chain((event) => fc.tuple(fc.constant(event), arbitraries.get(event) as fc.Arbitrary<JsonObject>)),
      fc.constantFrom(undefined, 1, '\t'),
      ([event, properties], space) => {
        const text = JSON.stringify(properties, undefined, space)
        const expected = violationsOf(event, JSON.parse(text) as JsonObject)
        assert.deepEqual(check(event, text), expected)
        if (expected.length === 0) followed++
      },
    ),
    { numRuns: 3_000 },
  )
  assert.ok(followed > 300, `only ${followed} of 3000 followed the dictionary`)
})

test('repeated and escaped names count as JSON.parse counts them', () => {
  const order = standardEventOf('Order Completed') as StandardEvent
  for (const text of [
    '{"total":"x","total":5}',
    '{"total":5,"total":"x"}',
    '{"tot\\u0061l":"x"}',
    '{"tot\\u0061l":5}',
    '{ "products" : [ { "price" : 1 } , null , { "pri\\u0063e" : "1" } ] }',
  ]) {
    assert.deepEqual(check(order, text), violationsOf(order, JSON.parse(text) as JsonObject), text)
  }
  assert.equal(check(order, '{"total":5,"total":"x"}').length, 1)
})

test('no properties, null and an empty object violate nothing', () => {
  const order = standardEventOf('Order Completed') as StandardEvent
  assert.deepEqual(checkProperties(order, Buffer.from('{}'), -1, -1), [])
  assert.deepEqual(check(order, 'null'), [])
  assert.deepEqual(check(order, '{}'), [])
})

test('the examples of the specification give what violationsOf gives', () => {
  const folder = new URL('../../protocol/src/fixtures/examples/', import.meta.url)
  let compared = 0
  for (const file of readdirSync(folder)) {
    const content = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Json
    if (!isJsonObject(content) || typeof content['event'] !== 'string') continue
    const event = standardEventOf(content['event'])
    const properties = content['properties']
    if (event === undefined || !isJsonObject(properties)) continue
    assert.deepEqual(check(event, JSON.stringify(properties)), violationsOf(event, properties), file)
    compared++
  }
  assert.ok(compared > 30)
})
