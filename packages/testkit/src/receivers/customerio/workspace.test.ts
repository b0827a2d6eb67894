import type { JsonObject } from '@millrace/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyJson, event, identify } from './apply-json.ts'
import { CustomerIoWorkspace } from './workspace.ts'

const about = (action: string, identifiers: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'person',
  action,
  identifiers,
  ...more,
})
const addDevice = (id: string, device: JsonObject): JsonObject => about('add_device', { id }, { device })
const object = (action: string, id: string, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  action,
  identifiers: { object_type_id: '1', object_id: id },
  ...more,
})
const related = (identifiers: JsonObject, attributes: JsonObject = {}): JsonObject => ({
  cio_relationships: [{ identifiers, relationship_attributes: attributes }],
})
const objectIds = (workspace: CustomerIoWorkspace, person: string): string[] =>
  workspace.relationshipsOf(person).map(({ object: { id } }) => id)

test('an event of somebody unknown makes the person, but not by cio_id', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, event({ id: 'u-1' }, 'A'))
  applyJson(workspace, event({ email: 'a@mail.example' }, 'B'))
  applyJson(workspace, event({ cio_id: 'ffff' }, 'C'))
  assert.deepEqual(
    workspace.people().map(({ id, email }) => id ?? email),
    ['u-1', 'a@mail.example'],
  )
})

test('events are kept with their kind, id, attributes and time; without a time it is when they arrive', () => {
  const workspace = new CustomerIoWorkspace()
  const attributes = { price: 8.5, tags: ['tea'] }
  applyJson(workspace, event({ id: 'u-1' }, 'Bought', { id: 'm-1', attributes, timestamp: 100 }))
  applyJson(workspace, event({ id: 'u-1' }, 'Home', { action: 'screen' }), 42_999)
  assert.deepEqual(workspace.eventsOf('u-1'), [
    { kind: 'screen', name: 'Home', timestamp: 42, attributes: {} },
    { kind: 'event', name: 'Bought', id: 'm-1', timestamp: 100, attributes },
  ])
})

test('of two events with one ULID the second is dropped; any other id may come twice', () => {
  const workspace = new CustomerIoWorkspace()
  const ulid = '01JABCDEFGHJKMNPQRSTVWXYZ0'
  applyJson(workspace, event({ anonymous_id: 'anon' }, 'First', { id: ulid }))
  applyJson(workspace, event({ id: 'u-1' }, 'Second', { id: ulid.toLowerCase() }))
  for (const id of ['a2b5a921-ae43-5607-ab96-e9799eaadf89', 'm-1', '81JABCDEFGHJKMNPQRSTVWXYZ0']) {
    applyJson(workspace, event({ id: 'u-1' }, 'Other', { id }))
    applyJson(workspace, event({ id: 'u-1' }, 'Other', { id }))
  }
  assert.equal(workspace.eventsOf('u-1').filter(({ name }) => name === 'Other').length, 6)
  assert.equal(workspace.eventsOf('u-1').length, 6)
  assert.equal(workspace.anonymousEvents('anon').length, 1)
  assert.deepEqual(
    workspace.notices().map(({ kind }) => kind),
    ['duplicate'],
  )
})

test('content events are events of their own kind', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(
    workspace,
    event({ id: 'u-1' }, 'viewed_content', { action: 'viewed_content', attributes: { trackingId: 't' } }),
  )
  assert.deepEqual(workspace.eventsOf('u-1'), [
    { kind: 'viewed_content', name: 'viewed_content', timestamp: 0, attributes: { trackingId: 't' } },
  ])
})

test('a device is added, updated and deleted by its token', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(
    workspace,
    addDevice('u-1', { token: 't', platform: 'ios', attributes: { app_version: '1', os: '17' } }),
    9000,
  )
  assert.deepEqual(workspace.devicesOf('u-1'), [
    { token: 't', platform: 'ios', lastUsed: 9, attributes: { app_version: '1', os: '17' } },
  ])
  const attributes = { app_version: '2' }
  applyJson(workspace, addDevice('u-1', { token: 't', platform: 'ios', last_used: 20, attributes }))
  applyJson(workspace, addDevice('u-1', { token: 's', platform: 'android', last_used: 30 }))
  assert.deepEqual(workspace.devicesOf('u-1'), [
    { token: 't', platform: 'ios', lastUsed: 20, attributes: { app_version: '2', os: '17' } },
    { token: 's', platform: 'android', lastUsed: 30, attributes: {} },
  ])
  applyJson(workspace, about('delete_device', { id: 'u-1' }, { device: { token: 't' } }))
  assert.deepEqual(
    workspace.devicesOf('u-1').map(({ token }) => token),
    ['s'],
  )
})

test('a token that another person adds moves to this person', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, addDevice('u-1', { token: 't', platform: 'ios' }))
  applyJson(workspace, addDevice('u-2', { token: 't', platform: 'ios' }))
  assert.deepEqual(workspace.devicesOf('u-1'), [])
  assert.equal(workspace.devicesOf('u-2').length, 1)
})

test('an object is made, changed and related to people from its side', () => {
  const workspace = new CustomerIoWorkspace()
  const attributes = { name: 'Acme', seats: 5, plan: 'pro' }
  applyJson(workspace, object('identify', 'g-1', { attributes, ...related({ id: 'u-1' }, { role: 'owner', desk: 3 }) }))
  applyJson(workspace, object('identify', 'g-1', { attributes: { seats: 6, plan: '' } }))
  assert.deepEqual(workspace.objects(), [{ typeId: '1', id: 'g-1', attributes: { name: 'Acme', seats: 6 } }])
  applyJson(workspace, object('add_relationships', 'g-1', related({ id: 'u-1' }, { role: 'guest', desk: null })))
  applyJson(workspace, object('add_relationships', 'g-1', related({ email: 'a@mail.example' })))
  assert.deepEqual(workspace.relationshipsOf('u-1'), [
    { object: { typeId: '1', id: 'g-1' }, attributes: { role: 'guest' } },
  ])
  assert.deepEqual(objectIds(workspace, 'a@mail.example'), ['g-1'])
  applyJson(workspace, object('delete_relationships', 'g-1', related({ id: 'u-1' })))
  assert.deepEqual(objectIds(workspace, 'u-1'), [])
})

test('objects of two types with one id are two objects', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, object('identify', 'g-1'))
  applyJson(workspace, { type: 'object', action: 'identify', identifiers: { object_type_id: '2', object_id: 'g-1' } })
  assert.deepEqual(
    workspace.objects().map(({ typeId, id }) => [typeId, id]),
    [
      ['1', 'g-1'],
      ['2', 'g-1'],
    ],
  )
})

test('a person is related to objects from their side, also while being identified', () => {
  const workspace = new CustomerIoWorkspace()
  const target = (id: string): JsonObject => ({ object_type_id: '1', object_id: id })
  applyJson(workspace, identify({ id: 'u-1' }, {}, related(target('g-1'))))
  applyJson(workspace, about('add_relationships', { id: 'u-1' }, related(target('g-2'))))
  assert.deepEqual(objectIds(workspace, 'u-1'), ['g-1', 'g-2'])
  assert.equal(workspace.objects().length, 2)
  applyJson(workspace, about('delete_relationships', { id: 'u-1' }, related(target('g-1'))))
  assert.deepEqual(objectIds(workspace, 'u-1'), ['g-2'])
})

test('deleting an object removes it from people as well', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, object('identify', 'g-1', related({ id: 'u-1' })))
  applyJson(workspace, object('delete', 'g-1'))
  applyJson(workspace, object('delete', 'g-1'))
  assert.deepEqual([workspace.objects(), workspace.relationshipsOf('u-1')], [[], []])
  assert.equal(workspace.notices().length, 1)
})

test('a deleted person is gone with all history, and may come back without it', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, identify({ id: 'u-1' }, { plan: 'pro', anonymous_id: 'anon' }))
  applyJson(workspace, event({ id: 'u-1' }, 'Before'))
  applyJson(workspace, addDevice('u-1', { token: 't', platform: 'ios' }))
  applyJson(workspace, about('delete', { id: 'u-1' }))
  assert.deepEqual(workspace.people(), [])
  applyJson(workspace, event({ anonymous_id: 'anon' }, 'Anonymous'))
  applyJson(workspace, identify({ id: 'u-1' }))
  assert.deepEqual(workspace.person('u-1')?.attributes, {})
  assert.deepEqual([workspace.eventsOf('u-1'), workspace.devicesOf('u-1')], [[], []])
  applyJson(workspace, identify({ id: 'u-1' }, { anonymous_id: 'anon' }))
  assert.equal(workspace.eventsOf('u-1').length, 1)
})

test('a suppressed person is deleted and ignored by id and email until unsuppressed by either', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, identify({ id: 'u-1' }, { email: 'a@mail.example' }))
  applyJson(workspace, about('suppress', { id: 'u-1' }))
  applyJson(workspace, identify({ id: 'u-1' }))
  applyJson(workspace, event({ email: 'A@mail.example' }, 'A'))
  applyJson(workspace, addDevice('u-1', { token: 't', platform: 'ios' }))
  applyJson(workspace, object('identify', 'g-1', related({ id: 'u-1' })))
  assert.deepEqual(workspace.people(), [])
  assert.equal(workspace.notices().length, 4)
  applyJson(workspace, identify({ id: 'u-2' }, { email: 'a@mail.example' }))
  assert.equal(workspace.person('u-2')?.email, undefined)
  applyJson(workspace, about('unsuppress', { email: 'a@mail.example' }))
  assert.deepEqual(workspace.person('u-1'), undefined)
  applyJson(workspace, identify({ id: 'u-1' }, { email: 'a@mail.example' }))
  assert.equal(workspace.person('u-1')?.email, 'a@mail.example')
})

test('somebody who was never there can be suppressed', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, about('suppress', { id: 'u-1' }))
  applyJson(workspace, event({ id: 'u-1' }, 'A'))
  assert.deepEqual(workspace.people(), [])
})

test('a merge with a suppressed person is ignored', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, identify({ id: 'u-1' }))
  applyJson(workspace, about('suppress', { id: 'u-2' }))
  applyJson(workspace, { type: 'person', action: 'merge', primary: { id: 'u-1' }, secondary: { id: 'u-2' } })
  assert.deepEqual(
    workspace.notices().map(({ why }) => why),
    ['it is suppressed'],
  )
})

test('delivery events are metrics', () => {
  const workspace = new CustomerIoWorkspace()
  const attributes = { device_token: 't' }
  applyJson(workspace, { type: 'delivery', action: 'event', identifiers: { id: 'd-1' }, name: 'opened', attributes })
  assert.deepEqual(workspace.metrics(), [{ deliveryId: 'd-1', metric: 'opened', details: attributes }])
})
