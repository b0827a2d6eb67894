import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { objectIdentifiers, personIdentifiers } from './identifiers.ts'

const identifierOf = (personId: string) => personIdentifiers({ personId })

test('a person is known by the first of: id, e-mail address, anonymous id', () => {
  const all = { personId: 'u-1', email: 'jane@example.com', anonymousId: 'anon-1' }
  assert.deepEqual(personIdentifiers(all), { id: 'u-1' })
  assert.deepEqual(personIdentifiers({ ...all, personId: '' }), { email: 'jane@example.com' })
  assert.deepEqual(personIdentifiers({ ...all, personId: undefined, email: '' }), { anonymous_id: 'anon-1' })
  assert.equal(personIdentifiers({ anonymousId: '' }), undefined)
  assert.equal(personIdentifiers({}), undefined)
})

test('an id behind cio_ is the one of Customer.io, without the prefix', () => {
  assert.deepEqual(identifierOf('cio_03000001'), { cio_id: '03000001' })
  assert.deepEqual(identifierOf('cio_jane@example.com'), { cio_id: 'jane@example.com' })
  assert.deepEqual(identifierOf('CIO_1'), { id: 'CIO_1' })
  assert.deepEqual(identifierOf('cio_'), { id: 'cio_' })
})

test('an id that is an e-mail address is an e-mail address', () => {
  for (const email of ['jane@example.com', 'Jane.Doe+news@mail.example.co.uk', "o'neil@x-y.io", 'a@b.c']) {
    assert.deepEqual(identifierOf(email), { email }, email)
  }
  const none = [
    'root@localhost',
    'jane@',
    '@example.com',
    'jane@example..com',
    'jane@-example.com',
    'a@b@example.com',
    'jane doe@example.com',
    '.jane@example.com',
    'jané@example.com',
    `${'a'.repeat(250)}@b.io`,
  ]
  for (const id of none) assert.deepEqual(identifierOf(id), { id }, id)
})

test('an object has type "1" unless another is given', () => {
  assert.deepEqual(objectIdentifiers('g-1', '2'), { object_id: 'g-1', object_type_id: '2' })
  assert.deepEqual(objectIdentifiers('g-1', undefined), { object_id: 'g-1', object_type_id: '1' })
  assert.deepEqual(objectIdentifiers('g-1', ''), { object_id: 'g-1', object_type_id: '1' })
  assert.equal(objectIdentifiers('', '2'), undefined)
  assert.equal(objectIdentifiers(undefined, '2'), undefined)
})

test('whatever the ids, there is one identifier, its value comes from the first that is filled, and nothing is lost', () => {
  const text = fc.option(
    fc.oneof(
      fc.string(),
      fc.emailAddress(),
      fc.string().map((rest) => `cio_${rest}`),
    ),
    { nil: undefined },
  )
  fc.assert(
    fc.property(text, text, text, (personId, email, anonymousId) => {
      const found = Object.entries(personIdentifiers({ personId, email, anonymousId }) ?? {})
      const expected = [personId, email, anonymousId].find((each) => each !== undefined && each !== '')
      if (expected === undefined) return assert.deepEqual(found, [])
      assert.equal(found.length, 1)
      const [[name, value] = []] = found
      assert.equal(name === 'cio_id' ? `cio_${String(value)}` : value, expected)
    }),
  )
})
