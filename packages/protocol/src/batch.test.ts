import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkBatch } from './batch.ts'
import type { Json } from './json.ts'

const codeOf = (body: Json): string | undefined => checkBatch(body, 3)?.code

test('accepts a list up to the limit, empty included', () => {
  assert.equal(checkBatch({ batch: [] }, 3), undefined)
  assert.equal(checkBatch({ batch: [{}, null, 1], context: {}, integrations: null, sentAt: 5 }, 3), undefined)
})

test('refuses a body that is no object', () => {
  for (const body of [null, [], 'x', 1, true]) assert.equal(codeOf(body), 'not_an_object')
})

test('refuses a batch that is missing or no list', () => {
  for (const body of [{}, { batch: null }, { batch: { 0: {} } }]) assert.equal(codeOf(body), 'no_batch')
})

test('refuses one message more than the limit, and says both numbers', () => {
  const problem = checkBatch({ batch: [{}, {}, {}, {}] }, 3)
  assert.equal(problem?.code, 'batch_too_large')
  assert.match(problem.reason, /4 messages.*at most 3/)
})

test('refuses shared context and integrations that are no objects', () => {
  assert.deepEqual(
    [{ context: [] }, { context: 'x' }, { integrations: true }].map(
      (shared) => checkBatch({ batch: [], ...shared }, 3)?.path,
    ),
    ['context', 'context', 'integrations'],
  )
})
