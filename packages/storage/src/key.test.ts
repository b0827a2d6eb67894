import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { arbitraryKey, compareKeys } from '@millrace/testkit'
import { decodeKey, encodeKey, prefixEnd } from './key.ts'

describe('a key as bytes', () => {
  it('is read back as it was', () => {
    fc.assert(fc.property(arbitraryKey, (key) => assert.deepEqual(decodeKey(encodeKey(key)), key)))
    assert.deepEqual(decodeKey(encodeKey([])), [])
  })

  it('has the order of its parts', () => {
    fc.assert(
      fc.property(arbitraryKey, arbitraryKey, (a, b) => {
        assert.equal(Buffer.compare(encodeKey(a), encodeKey(b)), Math.sign(compareKeys(a, b)))
      }),
      { numRuns: 1000 },
    )
  })

  it('is between its prefix and the end of its prefix, and other keys are not', () => {
    fc.assert(
      fc.property(arbitraryKey, arbitraryKey, (prefix, key) => {
        const start = encodeKey(prefix)
        const end = prefixEnd(start) as Buffer
        const inside = (bytes: Buffer): boolean => Buffer.compare(bytes, start) >= 0 && Buffer.compare(bytes, end) < 0
        assert.ok(inside(encodeKey([...prefix, ...key])))
        assert.equal(inside(encodeKey(key)), compareKeys(key.slice(0, prefix.length), prefix) === 0)
      }),
      { numRuns: 500 },
    )
  })

  it('has no end of a prefix that nothing is greater than', () => {
    assert.equal(prefixEnd(Buffer.from([0xff, 0xff])), undefined)
    assert.equal(prefixEnd(Buffer.alloc(0)), undefined)
    assert.deepEqual(prefixEnd(Buffer.from([1, 0xff])), Buffer.from([2]))
  })

  it('is refused, rather than searched for ever, when the bytes are cut off or of another kind', () => {
    fc.assert(
      fc.property(arbitraryKey, fc.nat(), (key, cut) => {
        const last = encodeKey(key.slice(-1))
        const bytes = encodeKey(key)
        const end = bytes.length - last.length + 1 + (cut % (last.length - 1))
        assert.throws(() => decodeKey(bytes.subarray(0, end)), /not a key/)
      }),
    )
    for (const bytes of [[3], [0, 0, 0], [1, 2, 3], [2], [2, 97, 0]]) {
      assert.throws(() => decodeKey(Uint8Array.from(bytes)), /not a key/)
    }
  })
})
