import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { standardEvents } from './events/dictionary.ts'
import { standardEventOf } from './events/standard-event-of.ts'
import type { JsonObject } from './json.ts'
import { defineProperties } from './property.ts'
import { violationsOf } from './violations.ts'

const violated = (name: string, properties: JsonObject): string[] => {
  const event = standardEventOf(name)
  assert.ok(event, `${name} is no standard event`)
  return violationsOf(event, properties).map(({ kind, path }) => `${kind} ${path}`)
}

test('properties of the right types, unknown ones and null violate nothing', () => {
  assert.deepEqual(
    violated('Order Completed', { order_id: 'o', total: 1.5, tax: null, gift: true, products: [{ sku: 's' }] }),
    [],
  )
  assert.deepEqual(violationsOf({ properties: {} }, undefined), [])
})

test('a wrong type is found at any level, with its path', () => {
  assert.deepEqual(violated('Order Completed', { total: '1.5', products: [{ price: 2 }, { price: '2' }, 'x', null] }), [
    'type properties.products[1].price',
    'type properties.products[2]',
    'type properties.total',
  ])
  assert.deepEqual(violated('Application Updated', { previous_build: 4190 }), ['type properties.previous_build'])
})

test('each further type of a property is right', () => {
  assert.deepEqual(violated('Products Searched', { query: { text: 'tea' } }), [])
  assert.deepEqual(violated('Products Searched', { query: 5 }), ['type properties.query'])
})

test('choices hold for one value and for each of a list', () => {
  assert.deepEqual(violated('Video Ad Playing', { quartile: 2, type: 'pre-roll' }), [])
  assert.deepEqual(violated('Video Ad Playing', { quartile: 4 }), ['choice properties.quartile'])
  assert.deepEqual(violated('Video Playback Started', { ad_types: ['pre-roll', 'later'] }), [
    'choice properties.ad_types[1]',
  ])
})

test('times are times, and whole numbers are whole', () => {
  assert.deepEqual(violated('Trial Started', { trial_start_date: '2026-03-02', trial_end_date: 'soon' }), [
    'type properties.trial_end_date',
  ])
  assert.deepEqual(violated('Video Playback Paused', { position: 1.5 }), ['type properties.position'])
})

test('a required property is missing unless it, or an alias of it, is there', () => {
  const properties = defineProperties({
    plan: { type: 'string', description: 'Plan.', required: true, aliases: ['plan_name'] },
    ends: { type: 'datetime', description: 'End.', required: true, nullable: true },
  })
  const kinds = (sent: JsonObject): string[] =>
    violationsOf({ properties }, sent).map(({ kind, path }) => `${kind} ${path}`)
  assert.deepEqual(kinds({}), ['missing properties.plan', 'missing properties.ends'])
  assert.deepEqual(kinds({ plan: null, ends: null }), ['missing properties.plan'])
  assert.deepEqual(kinds({ plan_name: 'pro', ends: null }), [])
  assert.deepEqual(kinds({ plan_name: 5, ends: null }), ['type properties.plan_name'])
})

test('a message gets at most 20 violations', () => {
  assert.equal(violated('Cart Viewed', { products: Array.from({ length: 50 }, () => 'x') }).length, 20)
})

test('never throws on any properties, and changes nothing', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...standardEvents),
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.jsonValue(),
      (event, object, value) => {
        const all = Object.fromEntries(Object.keys(event.properties).map((name) => [name, value]))
        const sent = JSON.parse(JSON.stringify({ ...all, ...object })) as JsonObject
        const before = JSON.stringify(sent)
        assert.ok(violationsOf(event, sent).length <= 20)
        assert.equal(JSON.stringify(sent), before)
      },
    ),
  )
})
