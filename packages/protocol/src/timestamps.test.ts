import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import seed from './fixtures/seed-example.json' with { type: 'json' }
import { correctTimes } from './timestamps.ts'
import type { SentTimes } from './timestamps.ts'

const at = (text: string): number => Date.parse(text)
const receivedAt = '2026-03-02T09:00:06.000Z'
const correct = (sent: Omit<SentTimes, 'receivedAtMs'>) => correctTimes({ receivedAtMs: at(receivedAt), ...sent })

test('the seed message has the timestamp that the formula gives', () => {
  const { sentAt, originalTimestamp } = seed
  const times = correctTimes({ receivedAtMs: at(seed.receivedAt), sentAt, originalTimestamp })
  assert.deepEqual(times, { timestamp: '2015-12-12T19:11:01.249Z', originalTimestamp: '2015-12-12T19:11:01.152Z' })
  assert.equal(times.timestamp, seed.timestamp)
})

test('a clock that is an hour ahead is corrected', () => {
  const times = correct({ originalTimestamp: '2026-03-02T10:00:00.000Z', sentAt: '2026-03-02T10:00:05.000Z' })
  assert.deepEqual(times, { timestamp: '2026-03-02T09:00:01.000Z', originalTimestamp: '2026-03-02T10:00:00.000Z' })
})

test('a timestamp that the client sent is its time, and becomes originalTimestamp when there is none', () => {
  const timestamp = '2026-03-02T10:00:00.000Z'
  const sentAt = '2026-03-02T10:00:05.000Z'
  assert.deepEqual(correct({ timestamp, sentAt }), {
    timestamp: '2026-03-02T09:00:01.000Z',
    originalTimestamp: timestamp,
  })
  const originalTimestamp = '2020-01-01T00:00:00.000Z'
  assert.deepEqual(correct({ timestamp, originalTimestamp, sentAt }), {
    timestamp: '2026-03-02T09:00:01.000Z',
    originalTimestamp,
  })
})

test("without a valid sentAt it is the client's time, in our form", () => {
  const original = '2019-06-30T22:15:00.000Z'
  for (const sentAt of [undefined, null, 'now', 5]) {
    assert.deepEqual(correct({ timestamp: original, sentAt }), { timestamp: original, originalTimestamp: original })
    assert.deepEqual(correct({ originalTimestamp: '2019-07-01T00:15+02:00', sentAt }), {
      timestamp: original,
      originalTimestamp: original,
    })
  }
})

test('without a time of the client it is receivedAt, whatever sentAt says', () => {
  const times = { timestamp: receivedAt, originalTimestamp: receivedAt }
  assert.deepEqual(correct({}), times)
  assert.deepEqual(correct({ sentAt: '2020-01-01T00:00:00.000Z' }), times)
  assert.deepEqual(correct({ timestamp: 'soon', originalTimestamp: 12, sentAt: '2020-01-01T00:00:00.000Z' }), times)
})

test('a timestamp that is no time leaves originalTimestamp in force', () => {
  const originalTimestamp = '2026-03-02T08:00:00.000Z'
  assert.equal(correct({ timestamp: 'x', originalTimestamp }).timestamp, originalTimestamp)
})

test('nanoseconds and offsets are read to the millisecond', () => {
  const times = correct({ timestamp: '2026-03-02T10:00:00.123456789+01:00', sentAt: '2026-03-02T10:00:01.123999Z' })
  assert.deepEqual(times, { timestamp: '2026-03-02T08:00:05.000Z', originalTimestamp: '2026-03-02T09:00:00.123Z' })
})

test('a sentAt before the event gives a time after receivedAt; it is not clamped', () => {
  const times = correct({ originalTimestamp: '2026-03-02T10:00:10.000Z', sentAt: '2026-03-02T10:00:00.000Z' })
  assert.equal(times.timestamp, '2026-03-02T09:00:16.000Z')
})

test('a forwarded message keeps its timestamp', () => {
  const timestamp = '2015-12-12T19:11:01.249Z'
  const { sentAt, originalTimestamp } = seed
  const times = correct({ timestamp, sentAt, originalTimestamp, forwardedReceivedAt: seed.receivedAt })
  assert.deepEqual(times, { timestamp, originalTimestamp })
})

test('a forwarded message without a timestamp is corrected by the receivedAt that it brings', () => {
  const { sentAt, originalTimestamp } = seed
  assert.equal(correct({ sentAt, originalTimestamp, forwardedReceivedAt: seed.receivedAt }).timestamp, seed.timestamp)
  assert.equal(correct({ forwardedReceivedAt: seed.receivedAt }).timestamp, seed.receivedAt)
})

test('a receivedAt that is no time does not make a message forwarded', () => {
  const sent = { timestamp: '2026-03-02T10:00:00.000Z', sentAt: '2026-03-02T10:00:05.000Z' }
  assert.equal(correct({ ...sent, forwardedReceivedAt: true }).timestamp, '2026-03-02T09:00:01.000Z')
})

test('a correction that leaves four-digit years is not made', () => {
  const timestamp = '9999-12-31T00:00:00.000Z'
  assert.equal(correct({ timestamp, sentAt: '1970-01-01T00:00:00.000Z' }).timestamp, timestamp)
})

test('a canonical time that needs no correction is the very string that was sent', () => {
  assert.equal(
    correct({ timestamp: '2026-03-02T08:00:00.000Z', sentAt: receivedAt }).timestamp,
    '2026-03-02T08:00:00.000Z',
  )
})

test('an error of the clock never changes the result', () => {
  const times = fc.integer({ min: at('2000-01-01'), max: at('2040-01-01') })
  const skews = fc.integer({ min: -(10 ** 11), max: 10 ** 11 })
  const iso = (timeMs: number): string => new Date(timeMs).toISOString()
  fc.assert(
    fc.property(times, fc.nat(10 ** 9), fc.nat(10 ** 6), skews, (happenedAt, waited, travelled, skew) => {
      const { timestamp } = correctTimes({
        receivedAtMs: happenedAt + waited + travelled,
        originalTimestamp: iso(happenedAt + skew),
        sentAt: iso(happenedAt + waited + skew),
      })
      assert.equal(timestamp, iso(happenedAt + travelled))
    }),
  )
})

test('whatever is sent, both times are canonical', () => {
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.constant('2026-03-02'),
  )
  const canonical = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
  fc.assert(
    fc.property(anything, anything, anything, anything, (timestamp, originalTimestamp, sentAt, forwardedReceivedAt) => {
      const times = correct({ timestamp, originalTimestamp, sentAt, forwardedReceivedAt })
      assert.match(times.timestamp, canonical)
      assert.match(times.originalTimestamp, canonical)
    }),
  )
})
