import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addAttempt } from './attempt-history.ts'
import type { Attempt } from './attempt-history.ts'

test('of many attempts the first three and the last twenty are kept, in order', () => {
  let history: readonly Attempt[] | undefined
  for (let number = 0; number < 100; number++) history = addAttempt(history, number, number + 5, `code_${number}`)
  assert.deepEqual(
    history?.map(({ code }) => Number(code.slice(5))),
    [0, 1, 2, ...Array.from({ length: 20 }, (_, at) => 80 + at)],
  )
})

test('an attempt says when it began, how long it took, and the status where the code is one', () => {
  assert.deepEqual(addAttempt(undefined, 0, 12, 'http_503'), [
    { at: '1970-01-01T00:00:00.000Z', durationMs: 12, code: 'http_503', status: 503 },
  ])
  assert.deepEqual(addAttempt([], 0, 12, 'timeout'), [
    { at: '1970-01-01T00:00:00.000Z', durationMs: 12, code: 'timeout' },
  ])
})
