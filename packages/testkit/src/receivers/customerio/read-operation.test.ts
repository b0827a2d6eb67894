import type { Json, JsonObject } from '@millrace/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { event, identify } from './apply-json.ts'
import { readMetric, readOperation } from './read-operation.ts'

/** What is wrong with an operation: `reason field` for each problem. */
const problemsOf = (json: Json): string[] => {
  const read = readOperation(json)
  return 'problems' in read ? read.problems.map(({ reason, field }) => `${reason} ${field}`) : []
}

const person = { id: 'u-1' }
const object = { object_type_id: '1', object_id: 'g-1' }
const related = (identifiers: JsonObject): JsonObject => ({ cio_relationships: [{ identifiers }] })

test('an operation is an object with a type and an action of that type', () => {
  assert.deepEqual(problemsOf([]), ['invalid '])
  assert.deepEqual(problemsOf({}), ['required type'])
  assert.deepEqual(problemsOf({ type: 'robot' }), ['invalid type'])
  assert.deepEqual(problemsOf({ type: 'person', identifiers: person }), ['required action'])
  assert.deepEqual(problemsOf({ type: 'person', identifiers: person, action: 'wave' }), ['invalid action'])
  assert.deepEqual(problemsOf({ type: 'object', identifiers: object, action: 'add_device' }), ['invalid action'])
})

test('a person has exactly one identifier, not empty, of at most 150 bytes', () => {
  assert.deepEqual(problemsOf(identify({})), ['required identifiers'])
  assert.deepEqual(problemsOf({ type: 'person', action: 'identify' }), ['required identifiers'])
  assert.deepEqual(problemsOf(identify({ id: 'a', email: 'a@mail.example' })), ['invalid identifiers'])
  assert.deepEqual(problemsOf(identify({ id: '' })), ['required identifiers.id'])
  assert.deepEqual(problemsOf(identify({ id: true })), ['invalid identifiers.id'])
  assert.deepEqual(problemsOf(identify({ id: 'ü'.repeat(75) })), [])
  assert.deepEqual(problemsOf(identify({ id: `${'ü'.repeat(75)}x` })), ['too_long identifiers.id'])
  for (const identifiers of [{ id: 7 }, { email: 'a@mail.example' }, { cio_id: 'a1' }, { anonymous_id: 'anon' }]) {
    assert.deepEqual(problemsOf(identify(identifiers)), [])
  }
})

test('only events and identify may be about somebody anonymous', () => {
  const anonymous = { anonymous_id: 'anon' }
  assert.deepEqual(problemsOf(event(anonymous, 'A')), [])
  assert.deepEqual(problemsOf({ type: 'person', action: 'delete', identifiers: anonymous }), ['required identifiers'])
  const device = { token: 't', platform: 'ios' }
  assert.deepEqual(problemsOf({ type: 'person', action: 'add_device', identifiers: anonymous, device }), [
    'required identifiers',
  ])
  const merge = { type: 'person', action: 'merge', primary: person, secondary: anonymous }
  assert.deepEqual(problemsOf(merge), ['required secondary'])
})

test('an identify call has at most 300 attributes, names of 150 bytes and values of 1,000 bytes', () => {
  const named = (count: number): JsonObject => Object.fromEntries(Array.from({ length: count }, (_, n) => [`a${n}`, n]))
  assert.deepEqual(problemsOf(identify(person, named(300))), [])
  assert.deepEqual(problemsOf(identify(person, named(301))), ['too_many attributes'])
  assert.deepEqual(problemsOf(identify(person, { ['n'.repeat(150)]: 1 })), [])
  assert.deepEqual(problemsOf(identify(person, { ['n'.repeat(151)]: 1 })), ['too_long attributes'])
  assert.deepEqual(problemsOf(identify(person, { text: 'é'.repeat(500) })), [])
  assert.deepEqual(problemsOf(identify(person, { text: 'é'.repeat(501) })), ['too_long attributes.text'])
  assert.deepEqual(problemsOf(identify(person, { list: ['x'.repeat(996)] })), [])
  assert.deepEqual(problemsOf(identify(person, { list: ['x'.repeat(997)] })), ['too_long attributes.list'])
  assert.deepEqual(problemsOf(identify(person, {}, { attributes: 'x' })), ['invalid attributes'])
})

test('the data of an event has no limits but that of the operation, 32 KiB', () => {
  assert.deepEqual(problemsOf(event(person, 'A', { attributes: { text: 'x'.repeat(32_000) } })), [])
  assert.deepEqual(problemsOf(event(person, 'A', { attributes: { text: 'x'.repeat(33_000) } })), ['too_large '])
})

test('the name of an event has at most 100 bytes without the spaces around it; a page may be a longer URL', () => {
  assert.deepEqual(problemsOf(event(person, '')), ['required name'])
  assert.deepEqual(problemsOf(event(person, ` ${'x'.repeat(100)} `)), [])
  assert.deepEqual(problemsOf(event(person, 'x'.repeat(101))), ['too_long name'])
  assert.deepEqual(problemsOf(event(person, `https://a.example/${'x'.repeat(101)}`, { action: 'page' })), [])
  const read = readOperation(event(person, ' Signed Up '))
  assert.ok('operation' in read && read.operation.action === 'event')
  assert.equal(read.operation.name, 'Signed Up')
})

test('times are whole seconds, as a number or as digits', () => {
  for (const timestamp of [0, 1_767_323_045, '1767323045', null]) {
    assert.deepEqual(problemsOf(event(person, 'A', { timestamp })), [])
  }
  for (const timestamp of ['2026-01-02T03:04:05Z', 1.5, true]) {
    assert.deepEqual(problemsOf(event(person, 'A', { timestamp })), ['invalid timestamp'])
    assert.deepEqual(problemsOf(identify(person, {}, { timestamp })), ['invalid timestamp'])
  }
})

test('a device has a token and is ios or android', () => {
  const add = (device: Json): JsonObject => ({ type: 'person', action: 'add_device', identifiers: person, device })
  assert.deepEqual(problemsOf(add({ token: 't', platform: 'android' })), [])
  assert.deepEqual(problemsOf(add({})), ['required device.token', 'required device.platform'])
  assert.deepEqual(problemsOf(add({ token: 't', platform: 'web' })), ['invalid device.platform'])
  const device = { platform: 'ios' }
  assert.deepEqual(problemsOf({ type: 'person', action: 'delete_device', identifiers: person, device }), [
    'required device.token',
  ])
})

test('an object has an id and a type, which is an integer from 1 as a string', () => {
  const of = (identifiers: JsonObject): JsonObject => ({ type: 'object', action: 'identify', identifiers })
  assert.deepEqual(problemsOf(of(object)), [])
  assert.deepEqual(problemsOf(of({ object_id: 'g-1' })), ['required identifiers.object_type_id'])
  assert.deepEqual(problemsOf(of({ object_type_id: '2' })), ['required identifiers.object_id'])
  assert.deepEqual(problemsOf(of({ object_type_id: '0', object_id: 'g' })), ['invalid identifiers.object_type_id'])
  assert.deepEqual(problemsOf(of({ object_type_id: 'team', object_id: 'g' })), ['invalid identifiers.object_type_id'])
})

test('an object is related to known people with identify, and to anonymous ones with identify_anonymous', () => {
  const of = (action: string, identifiers: JsonObject): string[] =>
    problemsOf({ type: 'object', action, identifiers: object, ...related(identifiers) })
  assert.deepEqual(of('identify', person), [])
  assert.deepEqual(of('identify_anonymous', { anonymous_id: 'anon' }), [])
  const wrong = ['invalid cio_relationships[0].identifiers']
  assert.deepEqual(of('identify', { anonymous_id: 'anon' }), wrong)
  assert.deepEqual(of('identify_anonymous', person), wrong)
  assert.deepEqual(of('delete_relationships', person), [])
  assert.deepEqual(problemsOf({ type: 'object', action: 'delete_relationships', identifiers: object }), [
    'required cio_relationships',
  ])
  const long = { cio_relationships: [{ identifiers: person, relationship_attributes: { a: 'x'.repeat(1001) } }] }
  assert.deepEqual(problemsOf({ type: 'object', action: 'identify', identifiers: object, ...long }), [
    'too_long cio_relationships[0].relationship_attributes.a',
  ])
})

test('a delivery event names a message, what became of it, and the device', () => {
  const opened = { type: 'delivery', action: 'event', identifiers: { id: 'd-1' }, name: 'opened' }
  assert.deepEqual(problemsOf({ ...opened, attributes: { device_token: 't' } }), [])
  assert.deepEqual(problemsOf(opened), ['required attributes.device_token'])
  assert.deepEqual(problemsOf({ ...opened, name: 'bounced', attributes: { device_token: 't' } }), ['invalid name'])
})

test('a metric is one of eight, about a delivery', () => {
  const metrics = ['delivered', 'opened', 'clicked', 'converted', 'bounced', 'deferred', 'dropped', 'spammed']
  for (const metric of metrics) assert.ok('metric' in readMetric({ delivery_id: 'd-1', metric }))
  assert.ok('problems' in readMetric({ metric: 'opened' }))
  assert.ok('problems' in readMetric({ delivery_id: 'd-1', metric: 'read' }))
  assert.ok('problems' in readMetric('opened'))
})
