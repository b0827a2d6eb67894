import * as fc from 'fast-check'
import type { Key, KeyPart } from '@millrace/storage'

/** Keys of 1 to 3 parts, drawn so that equal parts, common beginnings, NUL characters and long numbers are frequent. */
export const arbitraryPart: fc.Arbitrary<KeyPart> = fc.oneof(
  fc.constantFrom<KeyPart>(0, 1, 255, 256, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER),
  fc.maxSafeNat(),
  fc.constantFrom<KeyPart>('', 'a', 'a\0', 'a\u0001', 'a\0\u0001', '\0', '\u0001', 'ab', 'é', '\uffff', '😀'),
  fc.string({ unit: 'binary', maxLength: 6 }),
)
export const arbitraryKey: fc.Arbitrary<Key> = fc.array(arbitraryPart, { minLength: 1, maxLength: 3 })

/** The order that `Key` promises, said part by part. */
export const compareKeys = (a: Key, b: Key): number => {
  for (const [index, part] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    const order = compareParts(part, other)
    if (order !== 0) return order
  }
  return a.length - b.length
}

const compareParts = (a: KeyPart, b: KeyPart): number => {
  if (typeof a === 'number') return typeof b === 'number' ? Math.sign(a - b) : -1
  return typeof b === 'number' ? 1 : Buffer.compare(Buffer.from(a), Buffer.from(b))
}
