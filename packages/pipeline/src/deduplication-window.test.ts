import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { DeduplicationWindow } from './deduplication-window.ts'
import type { DeduplicationOptions } from './deduplication-window.ts'

const windowOf = (options: DeduplicationOptions): DeduplicationWindow => new DeduplicationWindow(() => options)

test('forgets an id when two generations have filled up', () => {
  const window = windowOf({ windowMs: 1e9, maxIds: 4 })
  window.beginBlock(0, 0)
  assert.equal(window.add(1, 1), true)
  assert.equal(window.add(2, 1), true)
  assert.equal(window.beginBlock(10, 1), true, 'half of maxIds is full: a new generation')
  assert.equal(window.add(1, 1), false, 'the old generation still knows it')
  window.add(3, 1)
  window.add(4, 1)
  assert.equal(window.beginBlock(20, 2), true)
  assert.equal(window.add(3, 1), false)
  assert.equal(window.add(1, 1), true, 'its generation is forgotten')
})

test('begins a generation when the young one spans the window, and tells since when copies are recognised', () => {
  const window = windowOf({ windowMs: 100, maxIds: 1e6 })
  assert.equal(window.sinceMs, undefined)
  assert.equal(window.beginBlock(0, 1000), true)
  window.add(1, 1)
  assert.equal(window.beginBlock(5, 1099), false)
  assert.equal(window.beginBlock(6, 1100), true)
  assert.deepEqual(window.starts, { old: { offset: 0, receivedAtMs: 1000 }, young: { offset: 6, receivedAtMs: 1100 } })
  assert.equal(window.sinceMs, 1000)
  assert.equal(window.add(1, 1), false)
  window.beginBlock(7, 1200)
  assert.equal(window.sinceMs, 1100)
  assert.equal(window.add(1, 1), true)
})

test('recognises a copy at least windowMs after the first while ids are few', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 60 }), (gaps) => {
      const window = windowOf({ windowMs: 100, maxIds: 1e6 })
      const firstSeen = new Map<number, number>()
      let at = 0
      for (const [block, gap] of gaps.entries()) {
        at += gap
        window.beginBlock(block, at)
        const id = gap % 7
        const isNew = window.add(id, 1)
        const seen = firstSeen.get(id)
        if (seen !== undefined && at - seen < 100) assert.equal(isNew, false, `${at - seen} ms after the first`)
        if (seen !== undefined && at - seen > 260) assert.equal(isNew, true, `${at - seen} ms after the first`)
        if (isNew) firstSeen.set(id, at)
      }
    }),
  )
})

test('keeps at most maxIds and one block of ids, whatever the time', () => {
  const window = windowOf({ windowMs: 1e12, maxIds: 100 })
  let most = 0
  for (let block = 0; block < 200; block++) {
    window.beginBlock(block, block)
    for (let id = 0; id < 7; id++) window.add(block * 7 + id, 1)
    most = Math.max(most, window.size)
  }
  assert.ok(most > 90 && most <= 100 + 2 * 7, `${most} ids`)
})

test('takes up a changed limit at the next block', () => {
  const options = { windowMs: 1e9, maxIds: 1000 }
  const window = new DeduplicationWindow(() => options)
  window.beginBlock(0, 0)
  for (let id = 0; id < 10; id++) window.add(id, 1)
  assert.equal(window.beginBlock(1, 1), false)
  options.maxIds = 20
  assert.equal(window.beginBlock(2, 2), true)
  options.windowMs = 5
  assert.equal(window.beginBlock(3, 7), true)
})

test('is empty again when it is restored to no generations', () => {
  const window = windowOf({ windowMs: 100, maxIds: 100 })
  window.beginBlock(0, 0)
  window.add(1, 1)
  window.restore(undefined)
  assert.equal(window.size, 0)
  assert.equal(window.starts, undefined)
  assert.equal(window.beginBlock(0, 0), true)
  assert.equal(window.add(1, 1), true)
})
