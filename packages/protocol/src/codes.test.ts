import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerCodes, rejectionCodes, rejections, statusOf } from './codes.ts'

test('codes are snake_case and no code is both a rejection and an answer', () => {
  const codes = [...rejectionCodes, ...answerCodes]
  assert.equal(new Set(codes).size, codes.length)
  for (const code of codes) assert.match(code, /^[a-z]+(_[a-z0-9]+)*$/)
})

test('every code has a status that HTTP calls an error', () => {
  for (const code of [...rejectionCodes, ...answerCodes]) {
    assert.ok(statusOf(code) >= 400 && statusOf(code) < 600, `${code}: ${statusOf(code)}`)
  }
})

test('permissive mode answers other than 200 only for whole bodies, keys and rates', () => {
  const refused = rejectionCodes.filter((code) => rejections[code].permissive !== 200)
  assert.deepEqual(refused, [
    'invalid_json',
    'invalid_utf8',
    'invalid_encoding',
    'body_too_large',
    'batch_too_large',
    'no_write_key',
    'unknown_write_key',
    'rate_limited',
  ])
  assert.equal(rejections.body_too_large.permissive, 413)
  assert.equal(rejections.unknown_write_key.permissive, 401)
})

test('strict mode never answers 200 to a rejection', () => {
  for (const code of rejectionCodes) assert.ok(rejections[code].strict >= 400, code)
})
