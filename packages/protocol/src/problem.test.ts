import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeValue } from './problem.ts'

test('a value is named by its type and shown when it is short', () => {
  assert.equal(describeValue(undefined), 'missing')
  assert.equal(describeValue(null), 'null')
  assert.equal(describeValue([1, 2]), 'a list of 2')
  assert.equal(describeValue({ secret: 1 }), 'an object')
  assert.equal(describeValue(true), 'the boolean true')
  assert.equal(describeValue(4.5), 'the number 4.5')
  assert.equal(describeValue(''), 'an empty string')
  assert.equal(describeValue('a "b"'), String.raw`the string "a \"b\""`)
  assert.equal(describeValue('x'.repeat(41)), 'a string of 41 characters')
})
