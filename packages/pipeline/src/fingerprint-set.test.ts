import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { FingerprintSet } from './fingerprint-set.ts'

/** Few different values, so that copies, neighbours and wrap-around at the end of the table are common. */
const half = fc.oneof(
  fc.constantFrom(0, 1, 2, 6, 7, 8, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff),
  fc.integer({ min: 0, max: 0xffff_ffff }),
)

/** An upper half of 0 counts as 1. */
const nameOf = (low: number, high: number): string => `${low}/${high === 0 ? 1 : high}`

test('holds what a Set holds, while it grows from eight slots', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(half, half), { maxLength: 200 }), fc.array(fc.tuple(half, half)), (added, others) => {
      const set = new FingerprintSet(8)
      const model = new Set<string>()
      for (const [low, high] of added) {
        const name = nameOf(low, high)
        assert.equal(set.has(low, high), model.has(name))
        assert.equal(set.add(low, high), !model.has(name))
        model.add(name)
        assert.equal(set.size, model.size)
      }
      for (const [low, high] of [...added, ...others]) assert.equal(set.has(low, high), model.has(nameOf(low, high)))
    }),
  )
})

test('is at most three quarters full, with 8 bytes a slot', () => {
  const set = new FingerprintSet(8)
  for (let id = 0; id < 10_000; id++) {
    set.add(id, id)
    assert.ok(set.size * 8 <= set.bytes * 0.75, `${set.size} ids in ${set.bytes} bytes`)
  }
  assert.equal(set.bytes, 16_384 * 8)
})
