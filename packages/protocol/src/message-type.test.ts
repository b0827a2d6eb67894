import assert from 'node:assert/strict'
import { test } from 'node:test'
import { typeOf } from './message-type.ts'
import { messageTypes } from './message.ts'

test('a batch message has its own type', () => {
  for (const type of messageTypes) assert.equal(typeOf({ type }, undefined), type)
})

test('the type of the route wins, present or absent in the body', () => {
  assert.equal(typeOf({}, 'page'), 'page')
  assert.equal(typeOf({ type: 'track' }, 'page'), 'page')
})

test('anything else is no type', () => {
  for (const type of ['Track', '', 'delete', null, 1, ['track'], 'toString'])
    assert.equal(typeOf({ type }, undefined), undefined)
  assert.equal(typeOf({}, undefined), undefined)
})
