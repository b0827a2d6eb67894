import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { seededRandom } from '@millrace/testkit'
import { Fingerprinter } from './fingerprint.ts'
import { halfSipHashOfBytes, halfSipHashOfWords } from './half-sip-hash.reference.ts'

const key = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7)

/** The words that a fingerprint is of: UTF-16 units two by two, and the rest with the number of units. */
const wordsOf = (text: string): number[] => {
  const units = Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))
  const words: number[] = []
  while (units.length >= 2) words.push((units.shift() as number) + (units.shift() as number) * 0x1_0000)
  return [...words, (units[0] ?? 0) + (text.length % 0x1_0000) * 0x1_0000]
}

describe('the reference of HalfSipHash-2-4', () => {
  // The first of the authors' test vectors for 64-bit tags: key 00 … 07, the message of n bytes is 00 01 … n-1.
  const vectors = [
    '218d1f59b9b83cc8',
    'be552412f8387315',
    '064f39ef7c50eb57',
    'ce0f1a45f7060679',
    'd5e78a175be52ea1',
    'cb9d7c3f2f3db580',
    'ce3e91358aa2bc25',
    'ff202728b07bc684',
    'edfee820bce4858c',
    '5b51cccc13888307',
    '95b0469f06a6f2ee',
    'ae26333994ddcd48',
    '7bc71f9faef5c799',
    '5a2352d75a0c3744',
    '3bb1a870eae8e658',
    '217d0bcb4e81c902',
  ]

  it('gives the official tags', () => {
    for (const [length, expected] of vectors.entries()) {
      const { low, high } = halfSipHashOfBytes(
        key,
        Uint8Array.from({ length }, (_, index) => index),
      )
      const tag = Buffer.alloc(8)
      tag.writeUInt32LE(low, 0)
      tag.writeUInt32LE(high, 4)
      assert.equal(tag.toString('hex'), expected, `${length} bytes`)
    }
  })
})

describe('Fingerprinter', () => {
  it('gives what the reference gives, for any key and text', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 8, maxLength: 8 }),
        fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.string({ unit: 'binary' }), fc.uuid()),
        (key, text) => {
          assert.deepEqual(new Fingerprinter(key).of(text), halfSipHashOfWords(key, wordsOf(text)))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('tells lone surrogates and long texts apart', () => {
    const fingerprinter = new Fingerprinter(key)
    const texts = ['\ud800', '\udc00', '\ufffd', 'a', 'a\0', 'a\0\0', '', '\0', 'x'.repeat(65_535), 'x'.repeat(65_536)]
    for (const text of texts) assert.deepEqual(fingerprinter.of(text), halfSipHashOfWords(key, wordsOf(text)))
    assert.equal(new Set(texts.map((text) => JSON.stringify(fingerprinter.of(text)))).size, texts.length)
  })

  it('leaves the same in `low` and `high` as `of` returns, whatever was hashed before', () => {
    const fingerprinter = new Fingerprinter(key)
    const expected = fingerprinter.of('message-1')
    fingerprinter.hash('another')
    fingerprinter.hash('message-1')
    assert.deepEqual({ low: fingerprinter.low, high: fingerprinter.high }, expected)
  })

  it('spreads similar ids evenly: each bit is set about half the time, no two collide', () => {
    const fingerprinter = new Fingerprinter(key)
    const count = 20_000
    const ones = Array.from({ length: 64 }, () => 0)
    const seen = new Set<string>()
    for (let index = 0; index < count; index++) {
      const { low, high } = fingerprinter.of(`message-${index}`)
      seen.add(`${low},${high}`)
      for (let bit = 0; bit < 32; bit++) {
        ones[bit]! += (low >>> bit) & 1
        ones[32 + bit]! += (high >>> bit) & 1
      }
    }
    assert.equal(seen.size, count)
    // Six standard deviations of a fair coin.
    for (const [bit, set] of ones.entries()) {
      assert.ok(Math.abs(set - count / 2) < 3 * Math.sqrt(count), `bit ${bit}: ${set}`)
    }
  })

  it('changes about half its bits when one unit or one bit of the key changes', () => {
    const random = seededRandom(11)
    let changed = 0
    const rounds = 2000
    const bitsOf = (number: number): number => (number >>> 0).toString(2).replaceAll('0', '').length
    for (let round = 0; round < rounds; round++) {
      const text = random.hex(36)
      const at = random.integer(36)
      const other = `${text.slice(0, at)}~${text.slice(at + 1)}`
      const otherKey = Uint8Array.from(key)
      otherKey[random.integer(8)]! ^= 1 << random.integer(8)
      const a = new Fingerprinter(key).of(text)
      const b = round % 2 === 0 ? new Fingerprinter(key).of(other) : new Fingerprinter(otherKey).of(text)
      changed += bitsOf(a.low ^ b.low) + bitsOf(a.high ^ b.high)
    }
    const average = changed / rounds
    assert.ok(average > 31 && average < 33, `${average} of 64 bits`)
  })

  it('reads its key where it lies in a larger buffer, and refuses one of another length', () => {
    const larger = Uint8Array.of(9, 9, 9, ...key, 9)
    assert.deepEqual(new Fingerprinter(larger.subarray(3, 11)).of('x'), new Fingerprinter(key).of('x'))
    assert.throws(() => new Fingerprinter(new Uint8Array(16)), /8 bytes, not 16/)
  })
})
