import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyJson, event, identify } from './apply-json.ts'
import { CustomerIoWorkspace } from './workspace.ts'

const failures = (workspace: CustomerIoWorkspace): string[] =>
  workspace.notices().flatMap(({ kind, why }) => (kind === 'failed_attribute_change' ? [why] : []))

test('an unknown id makes a person, and a known one changes the attributes that are named', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, identify({ id: 'u-1' }, { email: 'a@mail.example', plan: 'free', age: 3 }))
  applyJson(workspace, identify({ id: 'u-1' }, { plan: 'pro' }))
  assert.deepEqual(workspace.people(), [
    { cioId: '000000000001', id: 'u-1', email: 'a@mail.example', attributes: { plan: 'pro', age: 3 } },
  ])
})

test('a person is found by id, by email in any case, and by cio_id; ids are case-sensitive', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, identify({ id: 'u-1' }, { email: 'Ann@Mail.example' }))
  applyJson(workspace, identify({ email: 'ANN@mail.example' }, { plan: 'pro' }))
  const person = workspace.person('u-1')
  assert.deepEqual(person?.attributes, { plan: 'pro' })
  assert.deepEqual(workspace.person('ann@mail.EXAMPLE'), person)
  assert.deepEqual(workspace.person(`cio_${person?.cioId}`), person)
  assert.equal(workspace.person('U-1'), undefined)
  assert.equal(workspace.people().length, 1)
})

test('a new id with the email of somebody gives this person the id', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, identify({ email: 'a@mail.example' }))
  applyJson(workspace, identify({ id: 'u-1' }, { email: 'a@mail.example' }))
  applyJson(workspace, identify({ id: 'u-2' }, { email: 'a@mail.example' }))
  assert.deepEqual(
    workspace.people().map(({ id, email }) => [id, email]),
    [['u-2', 'a@mail.example']],
  )
  assert.equal(workspace.person('u-1'), undefined)
})

test('id and email of two people, each lacking the other, merge the younger into the older', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, identify({ email: 'a@mail.example' }, { plan: 'lead' }))
  applyJson(workspace, identify({ id: 'u-1' }, { age: 3 }))
  applyJson(workspace, event({ id: 'u-1' }, 'Signed Up'))
  const older = workspace.person('a@mail.example')?.cioId
  applyJson(workspace, identify({ id: 'u-1' }, { email: 'a@mail.example' }))
  assert.deepEqual(workspace.people(), [
    { cioId: older, id: 'u-1', email: 'a@mail.example', attributes: { plan: 'lead', age: 3 } },
  ])
  assert.equal(workspace.eventsOf('u-1').length, 1)
  assert.deepEqual(failures(workspace), [])
})

test('an email that belongs to another complete person fails, the other attributes are set', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, identify({ id: 'u-1' }, { email: 'a@mail.example' }))
  applyJson(workspace, identify({ id: 'u-2' }, { email: 'b@mail.example' }))
  applyJson(workspace, identify({ id: 'u-2' }, { email: 'a@mail.example', plan: 'pro' }))
  assert.equal(workspace.person('u-2')?.email, 'b@mail.example')
  assert.deepEqual(workspace.person('u-2')?.attributes, { plan: 'pro' })
  assert.deepEqual(failures(workspace), ['email: it belongs to another person'])
})

test('an email of somebody who has an id is not taken over by another id that exists', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, identify({ id: 'u-1' }, { email: 'a@mail.example' }))
  applyJson(workspace, identify({ id: 'u-2' }))
  applyJson(workspace, identify({ id: 'u-2' }, { email: 'a@mail.example' }))
  assert.deepEqual(
    workspace.people().map(({ id, email }) => [id, email]),
    [
      ['u-1', 'a@mail.example'],
      ['u-2', undefined],
    ],
  )
  assert.deepEqual(failures(workspace), ['email: it belongs to another person'])
})

test('an id that is set changes by cio_id only; an email by id when the workspace allows it', () => {
  for (const emailUpdatesById of [true, false]) {
    const workspace = new CustomerIoWorkspace({ emailUpdatesById })
    applyJson(workspace, identify({ id: 'u-1' }, { email: 'a@mail.example' }))
    applyJson(workspace, identify({ email: 'a@mail.example' }, { id: 'u-2' }))
    assert.equal(workspace.person('a@mail.example')?.id, 'u-1')
    applyJson(workspace, identify({ id: 'u-1' }, { id: 'u-3' }))
    assert.equal(workspace.person('a@mail.example')?.id, 'u-1')
    applyJson(workspace, identify({ id: 'u-1' }, { email: 'b@mail.example' }))
    assert.equal(workspace.person('u-1')?.email, emailUpdatesById ? 'b@mail.example' : 'a@mail.example')
    assert.equal(failures(workspace).length, emailUpdatesById ? 2 : 3)
    const cioId = workspace.person('u-1')?.cioId ?? ''
    applyJson(workspace, identify({ cio_id: cioId }, { id: 'u-2', email: 'c@mail.example' }))
    assert.deepEqual(workspace.people(), [{ cioId, id: 'u-2', email: 'c@mail.example', attributes: {} }])
  }
})

test('an unknown cio_id drops the call, and so does _update without the person', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, identify({ cio_id: 'nobody' }, { plan: 'pro' }))
  applyJson(workspace, identify({ id: 'u-1' }, { plan: 'pro', _update: true }))
  assert.deepEqual(workspace.people(), [])
  assert.deepEqual(
    workspace.notices().map(({ kind }) => kind),
    ['ignored', 'ignored'],
  )
  applyJson(workspace, identify({ id: 'u-1' }))
  applyJson(workspace, identify({ id: 'u-1' }, { plan: 'pro', _update: true }))
  assert.deepEqual(workspace.person('u-1')?.attributes, { plan: 'pro' })
})

test('null and the empty string remove an attribute, false and zero do not', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, identify({ id: 'u-1' }, { a: 1, b: 2, c: 3, d: 4 }))
  applyJson(workspace, identify({ id: 'u-1' }, { a: null, b: '', c: 0, d: false, never: null }))
  assert.deepEqual(workspace.person('u-1')?.attributes, { c: 0, d: false })
})

test('the timestamp orders updates of an attribute, whatever arrives first', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, identify({ id: 'u-1' }, { plan: 'pro', old: null }, { timestamp: 200 }))
  applyJson(workspace, identify({ id: 'u-1' }, { plan: 'free', old: 1, city: 'Oslo' }, { timestamp: 100 }))
  assert.deepEqual(workspace.person('u-1')?.attributes, { plan: 'pro', city: 'Oslo' })
})

test('what is no email address is no email', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, identify({ id: 'u-1' }, { email: 'not an address', plan: 'pro' }))
  assert.deepEqual(workspace.people(), [{ cioId: '000000000001', id: 'u-1', attributes: { plan: 'pro' } }])
  assert.equal(failures(workspace).length, 1)
})

test('somebody anonymous gets no profile', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(workspace, identify({ anonymous_id: 'anon' }, { newsletter: true }))
  assert.deepEqual(workspace.people(), [])
})

test('attributes of any name are ordinary ones', () => {
  const workspace = new CustomerIoWorkspace()
  applyJson(
    workspace,
    JSON.parse(
      '{"type":"person","action":"identify","identifiers":{"id":"u-1"},"attributes":{"__proto__":1,"constructor":2}}',
    ),
  )
  const { attributes } = workspace.person('u-1') ?? { attributes: {} }
  assert.deepEqual(Object.entries(attributes), [
    ['__proto__', 1],
    ['constructor', 2],
  ])
})
