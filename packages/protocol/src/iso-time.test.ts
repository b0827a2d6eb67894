import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { formatIsoTime, isCanonicalIsoTime, parseIsoTime } from './iso-time.ts'

const anyTime = fc.date({
  min: new Date('0000-01-01T00:00:00.000Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
})

test('reads what toISOString writes, for every day of four-digit years', () => {
  fc.assert(fc.property(anyTime, (date) => assert.equal(parseIsoTime(date.toISOString()), date.getTime())))
})

test('writes what toISOString writes', () => {
  fc.assert(
    fc.property(anyTime, (date) => {
      const text = formatIsoTime(date.getTime())
      assert.equal(text, date.toISOString())
      assert.ok(isCanonicalIsoTime(date.toISOString()))
    }),
  )
})

test('reads the forms that clients send', () => {
  const expected = Date.UTC(2026, 2, 2, 9, 8, 7, 120)
  const forms = [
    '2026-03-02T09:08:07.12Z',
    '2026-03-02T09:08:07.120456789Z',
    '2026-03-02T09:08:07.120000+00:00',
    '2026-03-02T11:08:07.120+02:00',
    '2026-03-02T03:38:07.120-0530',
    '2026-03-02T10:08:07,120+01',
    '2026-03-02t09:08:07.120z',
    '2026-03-02 09:08:07.120',
  ]
  for (const form of forms) assert.equal(parseIsoTime(form), expected, form)
  assert.equal(parseIsoTime('2026-03-02T09:08:07Z'), Date.UTC(2026, 2, 2, 9, 8, 7))
  assert.equal(parseIsoTime('2026-03-02T09:08Z'), Date.UTC(2026, 2, 2, 9, 8))
  assert.equal(parseIsoTime('2026-03-02'), Date.UTC(2026, 2, 2))
  assert.equal(parseIsoTime('2016-12-31T23:59:60Z'), Date.UTC(2017, 0, 1))
})

test('reads leap days only in leap years', () => {
  assert.equal(parseIsoTime('2024-02-29'), Date.UTC(2024, 1, 29))
  assert.equal(parseIsoTime('2000-02-29'), Date.UTC(2000, 1, 29))
  assert.ok(Number.isNaN(parseIsoTime('2023-02-29')))
  assert.ok(Number.isNaN(parseIsoTime('1900-02-29')))
})

test('gives NaN for everything else', () => {
  const wrong = [
    '',
    'soon',
    '2026',
    '2026-03',
    '2026-13-01',
    '2026-00-01',
    '2026-01-00',
    '2026-04-31',
    '2026/03/02',
    '20260302T090807Z',
    '2026-03-02T',
    '2026-03-02T09',
    '2026-03-02T24:00:00Z',
    '2026-03-02T09:60:00Z',
    '2026-03-02T09:08:61Z',
    '2026-03-02T09:08:07.Z',
    '2026-03-02T09:08:07.1x',
    '2026-03-02T09:08:07ZZ',
    '2026-03-02T09:08:07+',
    '2026-03-02T09:08:07+1',
    '2026-03-02T09:08:07+24:00',
    '2026-03-02T09:08:07+01:60',
    '2026-03-02T09:08:07+01:0',
    '2026-03-02T09:08:07+01:000',
    '2026-03-02X09:08:07Z',
    '+002026-03-02T09:08:07.000Z',
    '2026-03-02T09:08:07.1Z junk',
    `2026-03-02T09:08:07.${'1'.repeat(50)}Z`,
    '0000-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
  ]
  for (const text of wrong) assert.ok(Number.isNaN(parseIsoTime(text)), text)
  for (const value of [undefined, null, 0, 1_772_442_487_120, {}, [], true])
    assert.ok(Number.isNaN(parseIsoTime(value)))
})

test('any text is a number or NaN, and never throws', () => {
  const almost = fc.stringMatching(
    /^[0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9](:[0-6][0-9])?([.,][0-9]{0,9})?(Z|[+-][0-9]{0,2}:?[0-9]{0,2})?$/,
  )
  fc.assert(
    fc.property(fc.oneof(fc.string(), almost), (text) => {
      const timeMs = parseIsoTime(text)
      if (Number.isNaN(timeMs)) return
      assert.ok(Number.isInteger(timeMs))
      assert.equal(parseIsoTime(formatIsoTime(timeMs)), timeMs)
      if (isCanonicalIsoTime(text)) assert.equal(formatIsoTime(timeMs), text)
    }),
    { numRuns: 1_000 },
  )
})

test('does not write years that need more than four digits', () => {
  assert.equal(formatIsoTime(253_402_300_800_000), undefined)
  assert.equal(formatIsoTime(-62_167_219_200_001), undefined)
  assert.equal(formatIsoTime(Number.NaN), undefined)
})

test('only the form that we write is canonical', () => {
  assert.ok(isCanonicalIsoTime('2026-03-02T09:08:07.120Z'))
  const others = [
    '2016-12-31T23:59:60.000Z',
    '2026-03-02 09:08:07.120Z',
    '2026-03-02T09:08:07.120z',
    '2026-03-02T09:08:07,120Z',
  ]
  for (const text of [...others, '2026-03-02T09:08:07.12Z', '2026-03-02T09:08:07+01:00', '2026-03-02T09:08:07Z']) {
    assert.ok(!Number.isNaN(parseIsoTime(text)), text)
    assert.ok(!isCanonicalIsoTime(text), text)
  }
})
