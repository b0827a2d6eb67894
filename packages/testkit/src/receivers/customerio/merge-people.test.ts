import type { JsonObject } from '@millrace/protocol'
import * as fc from 'fast-check'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyJson, event, identify } from './apply-json.ts'
import { CustomerIoWorkspace } from './workspace.ts'

const merge = (primary: JsonObject, secondary: JsonObject): JsonObject => ({
  type: 'person',
  action: 'merge',
  primary,
  secondary,
})
const device = (id: string, token: string): JsonObject => ({
  type: 'person',
  action: 'add_device',
  identifiers: { id },
  device: { token, platform: 'ios', last_used: 1 },
})
const relate = (id: string, object: string, role: string): JsonObject => ({
  type: 'object',
  action: 'identify',
  identifiers: { object_type_id: '1', object_id: object },
  cio_relationships: [{ identifiers: { id }, relationship_attributes: { role } }],
})

test('the primary keeps what it has and gets what it lacks; the secondary is gone', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, identify({ id: 'u-1' }, { plan: 'pro', city: 'Oslo' }))
  applyJson(workspace, identify({ id: 'u-1' }, { city: '' }))
  applyJson(workspace, identify({ id: 'u-2' }, { plan: 'free', city: 'Rome', age: 3, email: 'a@mail.example' }))
  applyJson(workspace, event({ id: 'u-1' }, 'Mine', { timestamp: 2 }))
  applyJson(workspace, event({ id: 'u-2' }, 'Yours', { timestamp: 1 }))
  applyJson(workspace, device('u-1', 't-1'))
  applyJson(workspace, device('u-2', 't-2'))
  applyJson(workspace, relate('u-1', 'g-1', 'owner'))
  applyJson(workspace, relate('u-2', 'g-1', 'guest'))
  applyJson(workspace, relate('u-2', 'g-2', 'guest'))
  applyJson(workspace, merge({ id: 'u-1' }, { id: 'u-2' }))
  const [person, ...others] = workspace.people()
  assert.deepEqual(others, [])
  assert.deepEqual([person?.id, person?.email], ['u-1', 'a@mail.example'])
  assert.deepEqual(person?.attributes, { plan: 'pro', city: 'Rome', age: 3 })
  assert.deepEqual(
    workspace.eventsOf('u-1').map(({ name }) => name),
    ['Yours', 'Mine'],
  )
  assert.deepEqual(
    workspace.devicesOf('u-1').map(({ token }) => token),
    ['t-1', 't-2'],
  )
  assert.deepEqual(
    workspace.relationshipsOf('u-1').map(({ object, attributes }) => [object.id, attributes]),
    [
      ['g-1', { role: 'owner' }],
      ['g-2', { role: 'guest' }],
    ],
  )
  assert.equal(workspace.person('u-2'), undefined)
})

test('a merge with somebody who does not exist does nothing', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, identify({ id: 'u-1' }))
  applyJson(workspace, event({ anonymous_id: 'anon' }, 'Added'))
  applyJson(workspace, merge({ id: 'nobody' }, { id: 'u-1' }))
  applyJson(workspace, merge({ id: 'u-1' }, { id: 'anon' }))
  applyJson(workspace, merge({ id: 'u-1' }, { id: 'u-1' }))
  assert.equal(workspace.people().length, 1)
  assert.equal(workspace.anonymousEvents('anon').length, 1)
  assert.deepEqual(
    workspace.notices().map(({ why }) => why),
    ['the primary person does not exist', 'the secondary person does not exist', 'both are the same person'],
  )
})

test('what arrives late for the anonymous id of a merged person goes to who remains', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, identify({ id: 'u-1' }))
  applyJson(workspace, identify({ id: 'u-2' }, { anonymous_id: 'anon' }))
  applyJson(workspace, merge({ id: 'u-1' }, { id: 'u-2' }))
  applyJson(workspace, event({ anonymous_id: 'anon' }, 'Late'))
  assert.equal(workspace.eventsOf('u-1').length, 1)
})

test('no event is lost or doubled, whoever is identified and merged in whatever order', () => {
  const person = fc.constantFrom('a', 'b', 'c')
  const anonymousId = fc.constantFrom('x', 'y')
  const operation = fc.oneof(
    person.map((id) => event({ id }, 'Known')),
    anonymousId.map((id) => event({ anonymous_id: id }, 'Anonymous')),
    fc.tuple(person, anonymousId).map(([id, anonymous]) => identify({ id }, { anonymous_id: anonymous })),
    fc.tuple(person, person).map(([id, email]) => identify({ id }, { email: `${email}@mail.example` })),
    fc.tuple(person, person).map(([one, other]) => merge({ id: one }, { id: other })),
  )
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
      const workspace = new CustomerIoWorkspace()
      // An hour apart: no five minutes, but all within 30 days.
      for (const [index, each] of operations.entries()) {
        const sent = each['action'] === 'event' ? { ...each, name: `E${index}` } : each
        applyJson(workspace, sent, index * 3_600_000)
      }
      const found = [
        ...workspace.people().flatMap(({ cioId }) => workspace.eventsOf(`cio_${cioId}`)),
        ...workspace.anonymousIds().flatMap((id) => workspace.anonymousEvents(id)),
      ].map(({ name }) => name)
      const sent = operations.flatMap((each, index) => (each['action'] === 'event' ? [`E${index}`] : []))
      assert.deepEqual(found.sort(), sent.sort())
    }),
    { numRuns: 300 },
  )
})
