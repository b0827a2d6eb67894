import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { standardEvents } from './events/dictionary.ts'
import { standardEventOf } from './events/standard-event-of.ts'
import type { Json, JsonObject } from './json.ts'
import { standardFormOf } from './standard-form.ts'
import { violationsOf } from './violations.ts'

const track = (event: string, properties: Json) => standardFormOf({ type: 'track', event, properties })

test('an alias becomes the standard event, and its old properties have their standard names', () => {
  const sent = { orderId: 'o-1', revenue: 12.5, gift: true, products: [{ id: 'p-1', sku: 's' }, 'other', null] }
  const before = structuredClone(sent)
  assert.deepEqual(track('Completed Order', sent), {
    event: 'Order Completed',
    category: 'Ecommerce',
    properties: {
      order_id: 'o-1',
      revenue: 12.5,
      gift: true,
      products: [{ product_id: 'p-1', sku: 's' }, 'other', null],
    },
  })
  assert.deepEqual(sent, before)
})

test('an alias beside the name itself stays what the sender called it', () => {
  const properties = { orderId: 'old', order_id: 'new' }
  assert.deepEqual(track('Order Completed', properties).properties, properties)
})

test('a wrong type is converted where nothing is lost, and left where something would be', () => {
  const { properties } = track('Order Completed', {
    order_id: 4190,
    total: '12.5',
    tax: '12,5',
    shipping: '012',
    coupon: true,
    products: [{ price: '3', quantity: {} }],
  })
  assert.deepEqual(properties, {
    order_id: '4190',
    total: 12.5,
    tax: '12,5',
    shipping: '012',
    coupon: 'true',
    products: [{ price: 3, quantity: {} }],
  })
  assert.deepEqual(track('Products Searched', { query: { text: 'tea' } }).properties, { query: { text: 'tea' } })
  assert.deepEqual(
    track('Video Playback Paused', { position: '5', full_screen: 'true', video_player: null }).properties,
    {
      position: 5,
      full_screen: true,
      video_player: null,
    },
  )
})

test('of any other message it is what was sent', () => {
  const properties = { orderId: 5 }
  assert.deepEqual(track('Tea Brewed', properties), { event: 'Tea Brewed', properties })
  assert.deepEqual(standardFormOf({ type: 'page', event: 'Order Completed', properties }), { properties })
  assert.deepEqual(standardFormOf({ type: 'identify' }), {})
  assert.deepEqual(track('Order Completed', null), {
    event: 'Order Completed',
    category: 'Ecommerce',
    properties: null,
  })
})

test('of any properties it has no more violations than they have, is its own standard form, and changes nothing', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...standardEvents),
      fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), fc.jsonValue()),
      fc.oneof(fc.jsonValue(), fc.integer().map(String)),
      (event, object, value) => {
        const all = Object.keys(event.properties).map((name): [string, unknown] => [name, value])
        const sent = JSON.parse(JSON.stringify(Object.fromEntries([...all, ...Object.entries(object)]))) as JsonObject
        const before = JSON.stringify(sent)
        const { properties } = standardFormOf({ type: 'track', event: event.name, properties: sent })
        assert.equal(JSON.stringify(sent), before)
        assert.equal(Object.keys(properties as JsonObject).length, Object.keys(sent).length)
        assert.ok(violationsOf(event, properties as JsonObject).length <= violationsOf(event, sent).length)
        const again = standardFormOf({ type: 'track', event: event.name, properties })
        assert.deepEqual(again.properties, properties)
      },
    ),
  )
})

test('names of properties are unique in every event, aliases included', () => {
  const walk = (specs: (typeof standardEvents)[number]['properties'], path: string): void => {
    const names = Object.entries(specs).flatMap(([name, spec]) => [name, ...(spec.aliases ?? [])])
    assert.equal(new Set(names).size, names.length, `${path}: ${names.join(', ')}`)
    for (const [name, { properties }] of Object.entries(specs)) if (properties) walk(properties, `${path}.${name}`)
  }
  for (const event of standardEvents) walk(event.properties, event.name)
  assert.ok(standardEventOf('Order Completed'))
})
