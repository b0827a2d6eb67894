import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { messageIdOf, textId } from './ids.ts'
import type { Json } from './json.ts'

const idOf = (value: Json | undefined) =>
  messageIdOf(
    value,
    () => 'new',
    (text) => `sha256 of ${text.length}`,
  )

test('a string of up to 255 characters is kept', () => {
  assert.deepEqual(idOf('m-1'), { messageId: 'm-1', flag: undefined })
  assert.deepEqual(idOf('x'.repeat(255)), { messageId: 'x'.repeat(255), flag: undefined })
})

test('a longer string is replaced by its hash', () => {
  assert.deepEqual(idOf('x'.repeat(256)), { messageId: 'sha256 of 256', flag: 'hashed' })
})

test('a number becomes a string', () => {
  assert.deepEqual(idOf(42), { messageId: '42', flag: undefined })
  assert.equal(textId(0), '0')
  assert.equal(textId(-1.5), '-1.5')
})

test('no id, and every other type, gets a new one', () => {
  for (const value of [undefined, null, '', true, [], {}, ['m-1']]) {
    assert.deepEqual(idOf(value), { messageId: 'new', flag: 'assigned' })
  }
})

test('a number that parsing has rounded is no id, so that two of them never become one', () => {
  const rounded = JSON.parse('[9007199254740993, 1e400, -9007199254740993]') as number[]
  for (const value of rounded) assert.equal(textId(value), undefined)
  assert.equal(textId(Number.MAX_SAFE_INTEGER), '9007199254740991')
})

test('different safe numbers and strings give different ids', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (one, other) => {
      assert.equal(textId(one) === textId(other), one === other)
    }),
  )
})
