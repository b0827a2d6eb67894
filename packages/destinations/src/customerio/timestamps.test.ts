import { isJsonObject, type Json, type JsonObject } from '@millrace/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { convertTimes, toSeconds } from './timestamps.ts'

test('dates and times become seconds; numeric texts and lists stay as they are', () => {
  assert.deepEqual(
    convertTimes({ d: '2025-01-01', n: '1735689600', x: '2025-01-01T10:00', a: ['2025-01-01T00:00:00Z'] }),
    { d: 1_735_689_600, n: '1735689600', x: 1_735_725_600, a: ['2025-01-01T00:00:00Z'] },
  )
})

test('objects within are converted, but not those in lists', () => {
  assert.deepEqual(convertTimes({ a: { b: { c: '2025-01-01' } }, l: [{ d: '2025-01-01' }], z: null, f: false, i: 3 }), {
    a: { b: { c: 1_735_689_600 } },
    l: [{ d: '2025-01-01' }],
    z: null,
    f: false,
    i: 3,
  })
})

test('each documented form is a time, with or without a zone, in UTC without one', () => {
  const forms: [string, number][] = [
    ['2025-01-01', 1_735_689_600],
    ['2025-01-01T00:00', 1_735_689_600],
    ['2025-01-01T00:00:01', 1_735_689_601],
    ['2025-01-01T00:00:01.9', 1_735_689_601],
    ['2025-01-01T00:00:01.999999999Z', 1_735_689_601],
    ['2025-01-01T00:00Z', 1_735_689_600],
    ['2025-01-01T01:00:00+01:00', 1_735_689_600],
    ['2024-12-31T22:30:00-0130', 1_735_689_600],
    ['1969-12-31T23:59:59.5Z', -1],
  ]
  for (const [text, seconds] of forms) assert.deepEqual(convertTimes({ text }), { text: seconds }, text)
})

test('attributes that only look like a time stay as they are', () => {
  const texts = [
    '2025-13-01',
    '2025-02-29',
    '2025-01-01 10:00',
    '2025-01-01t10:00',
    '2025-01-01T10',
    '2025-01-01T25:00',
    '2025-01-01T10:00:00,5Z',
    '2025-01-01T10:00:00.1234567890Z',
    '2025-01-01T10:00+01',
    '2025-01-01Z',
    ' 2025-01-01',
    '2025-01-01\n',
    '20250101',
    '2025',
    '',
  ]
  for (const text of texts) assert.deepEqual(convertTimes({ text }), { text }, JSON.stringify(text))
})

test('the time of an operation is in seconds; what is no time stays as it is', () => {
  assert.equal(toSeconds('2026-01-02T03:04:05.999Z'), 1_767_323_045)
  for (const text of ['1767323045', '1767323045.5', 'soon']) assert.equal(toSeconds(text), text)
})

test('every instant keeps its second, however its text is written', () => {
  const zone = fc.integer({ min: -839, max: 839 })
  const instant = fc.integer({ min: -60_000_000_000_000, max: 253_000_000_000_000 })
  fc.assert(
    fc.property(instant, zone, fc.boolean(), (timeMs, zoneMinutes, withColon) => {
      const size = Math.abs(zoneMinutes)
      const pair = (number: number): string => String(number).padStart(2, '0')
      const offset = `${pair(Math.trunc(size / 60))}${withColon ? ':' : ''}${pair(size % 60)}`
      const local = new Date(timeMs + zoneMinutes * 60_000).toISOString().slice(0, -1)
      const text = `${local}${zoneMinutes < 0 ? '-' : '+'}${offset}`
      assert.deepEqual(convertTimes({ in: { text } }), { in: { text: Math.floor(timeMs / 1000) } })
      assert.equal(toSeconds(text), Math.floor(timeMs / 1000))
    }),
  )
})

/** Every value that is no object, with the names that lead to it. */
function leavesOf(value: Json, path: string[] = []): [string[], Json][] {
  if (!isJsonObject(value)) return [[path, value]]
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, [...path, name]))
}

test('conversion changes times outside of lists, and nothing else', () => {
  const times = new Map<Json, Json>([
    ['2025-01-01', 1_735_689_600],
    ['2025-01-01T10:00Z', 1_735_725_600],
  ])
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.constantFrom(...times.keys()))
  const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor'))
  const objectOf = (value: fc.Arbitrary<Json>) =>
    fc.array(fc.tuple(name, value), { maxLength: 4 }).map((entries): JsonObject => Object.fromEntries(entries))
  const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
    tree: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('tree'), { maxLength: 3 }), objectOf(tie('tree'))),
  }))
  fc.assert(
    fc.property(objectOf(tree), (attributes) => {
      const before = JSON.stringify(attributes)
      const expected = leavesOf(attributes).map(([path, value]) => [path, times.get(value) ?? value])
      assert.deepEqual(leavesOf(convertTimes(attributes)), expected)
      assert.equal(JSON.stringify(attributes), before, 'what was given is not changed')
    }),
  )
})
