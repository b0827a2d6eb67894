import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { IdSet } from './id-set.ts'

test('has what was added and nothing else, and counts what was added again', () => {
  const ids = fc.array(fc.string({ maxLength: 8 }), { maxLength: 3000 })
  fc.assert(
    fc.property(ids, fc.array(fc.string({ maxLength: 3 })), (added, others) => {
      const set = new IdSet(10_000)
      for (const id of added) assert.equal(set.add(id), true)
      const known = new Set(added)
      assert.equal(set.seal(), added.length - known.size)
      for (const id of [...added, ...others]) assert.equal(set.has(id), known.has(id), id)
    }),
    { numRuns: 50 },
  )
})

test('takes as many ids as it was made for', () => {
  const set = new IdSet(2)
  assert.deepEqual([set.add('a'), set.add('b'), set.add('c')], [true, true, false])
})
