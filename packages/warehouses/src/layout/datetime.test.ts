import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { microsecondsOf } from './datetime.ts'

describe('datetimes (item 16)', () => {
  it('agrees with Date on every millisecond of the years 1-9999', () => {
    const [min, max] = [new Date('0001-01-01T00:00:00Z'), new Date('9999-12-31T23:59:59.999Z')]
    fc.assert(
      fc.property(fc.date({ min, max, noInvalidDate: true }), (date) => {
        assert.equal(microsecondsOf(date.toISOString()), BigInt(date.getTime()) * 1000n)
      }),
    )
  })

  it('reads dates, offsets, and fractions to the microsecond', () => {
    const base = BigInt(Date.UTC(2024, 4, 6, 7, 8, 9)) * 1000n
    const day = BigInt(Date.UTC(2024, 4, 6)) * 1000n
    assert.equal(microsecondsOf('2024-05-06'), day)
    assert.equal(microsecondsOf('2024-05-06T12:38:09+05:30'), base)
    assert.equal(microsecondsOf('2024-05-06 05:08:09-02'), base)
    assert.equal(microsecondsOf('2024-05-06T07:08:09.1234567Z'), base + 123456n)
    assert.equal(microsecondsOf('2024-02-29'), BigInt(Date.UTC(2024, 1, 29)) * 1000n)
  })

  it('takes nothing else for a datetime', () => {
    const others = [
      '2024',
      '2024-05',
      '2024-13-01',
      '2023-02-29',
      '0000-01-01',
      '2024-05-06T25:00',
      '2024-05-06T07:08:61Z',
    ]
    for (const text of [...others, '2024-05-06 and more', '12345-01-01', '', 'yesterday', '1714979289']) {
      assert.equal(microsecondsOf(text), undefined, text)
    }
  })
})
