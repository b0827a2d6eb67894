import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { ENTRY_WORDS, sortEntries } from './sorted-entries.ts'

const word = fc.oneof(
  fc.constantFrom(0, 1, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff),
  fc.nat(0xffff_ffff),
)

test('sorts by the upper half of the fingerprint, keeps the order of equals and loses no word', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word, word, word, word), { maxLength: 60 }), (entries) => {
      const sorted = sortEntries(Uint32Array.from(entries.flat()))
      const expected = [...entries].sort(([a], [b]) => a - b).flat()
      assert.deepEqual([...sorted], expected)
      assert.equal(sorted.length, entries.length * ENTRY_WORDS)
    }),
  )
})
