import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boundedMemo } from './bounded-memo.ts'

test('computes once, undefined included, until there are more texts than it may remember', () => {
  const computed: string[] = []
  const memo = boundedMemo(2, (text) => {
    computed.push(text)
    return text === 'b' ? undefined : text
  })
  assert.deepEqual(['a', 'b', 'a', 'b'].map(memo), ['a', undefined, 'a', undefined])
  assert.deepEqual(computed, ['a', 'b'])
  assert.equal(memo('c'), 'c')
  assert.equal(memo('a'), 'a')
  assert.deepEqual(computed, ['a', 'b', 'c', 'a'])
})
