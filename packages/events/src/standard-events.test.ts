import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { isJsonObject, standardEventOf, standardEvents, violationsOf } from '@millrace/protocol'
import type { Json, JsonObject, PropertySpec, PropertyType } from '@millrace/protocol'
import { generatedFiles } from '../../../scripts/generate-events.ts'
import { examples } from './examples.generated.ts'
import * as helpers from './index.ts'

/** A value that is right for no type but the one that the key names. */
const wrongFor = ({ type, accepts = [] }: PropertySpec): Json => {
  const right = new Set<PropertyType>([type, ...accepts])
  if (!right.has('boolean')) return true
  return right.has('string') ? [] : 'text'
}

describe('standard events', () => {
  it('are generated from the dictionary as it is', () => {
    for (const [path, text] of Object.entries(generatedFiles())) {
      const present = readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
      assert.equal(present, text, `${path} is not current. Run node scripts/generate-events.ts`)
    }
  })

  it('have one helper and one example each', () => {
    assert.equal(standardEvents.length, 79)
    assert.equal(Object.keys(helpers).length, 79)
    assert.deepEqual(
      examples.map(({ event }) => event),
      standardEvents.map(({ name }) => name),
    )
  })

  it('have properties in all but five', () => {
    const without = standardEvents.filter(({ properties }) => Object.keys(properties).length === 0)
    assert.deepEqual(
      without.map(({ name }) => name),
      [
        'Account Removed User',
        'Application Backgrounded',
        'Application Foregrounded',
        'Application Uninstalled',
        'Application Crashed',
      ],
    )
  })

  for (const [index, { event: name, properties }] of examples.entries()) {
    it(`${name}: the example violates nothing, and what is wrong is named`, () => {
      const event = standardEventOf(name)
      assert.ok(event !== undefined)
      assert.equal(event, standardEvents[index])
      const sent = JSON.parse(JSON.stringify(properties)) as JsonObject
      assert.deepEqual(Object.keys(sent), Object.keys(event.properties))
      assert.deepEqual(violationsOf(event, sent), [])
      for (const [property, spec] of Object.entries(event.properties)) {
        const found = violationsOf(event, { ...sent, [property]: wrongFor(spec) })
        assert.deepEqual(
          found.map(({ kind, path }) => [kind, path]),
          [['type', `properties.${property}`]],
        )
        if (spec.properties === undefined) continue
        // Inside of an object and of the items of a list, too.
        const [inner = '', innerSpec] = Object.entries(spec.properties)[0] ?? []
        assert.ok(innerSpec !== undefined)
        const wrongInner = { [inner]: wrongFor(innerSpec) }
        const isList = !isJsonObject(sent[property])
        assert.deepEqual(
          violationsOf(event, { [property]: isList ? [wrongInner] : wrongInner }).map(({ path }) => path),
          [`properties.${property}${isList ? '[0]' : ''}.${inner}`],
        )
      }
    })
  }

  it('come from their helpers with the properties as given, and with none', () => {
    const properties = { order_id: 'o-1', total: 5, gift: true }
    const made = helpers.orderCompleted(properties)
    assert.equal(made.event, 'Order Completed')
    assert.equal(made.properties, properties)
    assert.deepEqual(helpers.applicationCrashed(), { event: 'Application Crashed', properties: {} })
  })
})
