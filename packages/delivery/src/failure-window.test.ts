import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FailureWindow } from './failure-window.ts'

const record = (window: FailureWindow, failed: boolean, nowMs: number, windowMs: number) => {
  window.record(failed, nowMs, windowMs)
  const { requests, failures } = window
  return { requests, failures }
}

test('counts requests and failures of the window, and forgets what is older', () => {
  const window = new FailureWindow()
  const start = 1_000_000
  for (let at = 0; at < 10; at++) window.record(at % 2 === 0, start + at * 100, 1_000)
  assert.deepEqual(record(window, true, start + 950, 1_000), { requests: 11, failures: 6 })
  // The first half has left the window.
  assert.deepEqual(record(window, false, start + 1_400, 1_000), { requests: 7, failures: 3 })
  assert.deepEqual(record(window, true, start + 60_000, 1_000), { requests: 1, failures: 1 })
})

test('a clock that is set back, and a window of another length, do no harm', () => {
  const window = new FailureWindow()
  window.record(true, 50_000, 1_000)
  assert.deepEqual(record(window, true, 20_000, 1_000), { requests: 2, failures: 2 })
  assert.deepEqual(record(window, false, 20_000, 10_000), { requests: 1, failures: 0 })
})
