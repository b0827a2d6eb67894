import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { retryDelayMs } from './retry-delay.ts'
import { systemClock } from './clock.ts'
import { sleepUnless } from './sleep-unless.ts'

const settings = { firstRetryDelayMs: 500, maxRetryDelayMs: 60_000 }

test('doubles the longest wait with each attempt, up to the limit', () => {
  const longest = [2, 3, 4, 8, 9, 10, 1000].map((attempt) => retryDelayMs(attempt, settings, undefined, () => 1))
  assert.deepEqual(longest, [500, 1000, 2000, 32_000, 60_000, 60_000, 60_000])
})

test('is spread over all of it, and never less than the receiver asked for', () => {
  assert.equal(
    retryDelayMs(5, settings, undefined, () => 0),
    0,
  )
  assert.equal(
    retryDelayMs(2, settings, undefined, () => 0.5),
    250,
  )
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 5000 }),
      fc.nat(1e9),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempt, afterMs, random) => {
        const delay = retryDelayMs(attempt, settings, afterMs, () => random)
        assert.ok(delay >= afterMs && delay <= Math.max(60_000, afterMs))
      },
    ),
  )
})

test('a wait that no timer can hold does not end at once', async () => {
  const controller = new AbortController()
  let ended = false
  const sleeping = sleepUnless(systemClock, controller.signal, 2 ** 40).then(() => (ended = true))
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  assert.equal(ended, false)
  controller.abort()
  await sleeping
})

test('a sleep ends when the signal aborts, before or meanwhile', async () => {
  await sleepUnless(systemClock, AbortSignal.abort(), 1e9)
  const controller = new AbortController()
  const sleeping = sleepUnless(systemClock, controller.signal, 1e9)
  controller.abort()
  await sleeping
})
