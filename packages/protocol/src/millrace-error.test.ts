import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MillraceError } from './millrace-error.ts'

test('an error takes its status from its code unless it is told another', () => {
  assert.equal(new MillraceError('unavailable', 'The log is full.').status, 503)
  assert.equal(new MillraceError('unavailable', 'Starting.', { status: 500 }).status, 500)
})

test('the JSON form has code and message, and errors only when there are some', () => {
  const cause = new Error('password=secret')
  const plain = new MillraceError('not_found', 'No source is called x.', { cause })
  assert.equal(JSON.stringify(plain), '{"code":"not_found","message":"No source is called x."}')
  assert.equal(plain.cause, cause)

  const errors = [{ path: 'sources[0].slug', reason: 'Use lower case.' }]
  const listed = new MillraceError('invalid_workspace', 'The workspace is refused.', { errors })
  assert.deepEqual(listed.toJSON(), { code: 'invalid_workspace', message: 'The workspace is refused.', errors })
})

test('an error without a cause has none', () => {
  const error = new MillraceError('conflict', 'Changed meanwhile.')
  assert.ok(!Object.hasOwn(error, 'cause'))
  assert.ok(error instanceof Error)
  assert.equal(error.name, 'MillraceError')
})
