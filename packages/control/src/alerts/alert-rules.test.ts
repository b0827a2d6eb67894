import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { addReading, growthOf } from './counter-history.ts'
import type { CounterHistory } from './counter-history.ts'
import { formatDuration } from './format-duration.ts'
import { diskQuota } from './rules/disk-quota.ts'
import { failureShare } from './rules/failure-share.ts'
import { sourceSilence } from './rules/source-silence.ts'

describe('a history of counters', () => {
  it('says what was added within the window, within a sixtieth of it, and stays small', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.nat(9)), { minLength: 1 }), (steps) => {
        const windowMs = 600
        let nowMs = 0
        let total = 0
        let history: CounterHistory | undefined
        const read: [number, number][] = []
        for (const [passedMs, added] of [[0, 0] as const, ...steps]) {
          nowMs += passedMs
          total += added
          read.push([nowMs, total])
          history = addReading(history, [total], { nowMs, windowMs, onDecrease: 'restart' })
        }
        assert.ok(history !== undefined && history.points.length <= 63, `${history?.points.length} points`)
        const before = (atMs: number): number =>
          read.findLast(([readMs]) => readMs <= atMs)?.[1] ?? (read[0] as [number, number])[1]
        const growth = growthOf(history)[0] as number
        const [least, most] = [total - before(nowMs - windowMs), total - before(nowMs - windowMs - 61)]
        assert.ok(growth >= least && growth <= most, `${growth} is not within ${least} and ${most}`)
      }),
    )
  })

  it('goes on when a counter begins again, and takes a correction for nothing new', () => {
    const grown = (onDecrease: 'restart' | 'correction'): number | undefined => {
      let history = addReading(undefined, [100], { nowMs: 0, windowMs: 1000, onDecrease })
      for (const [at, value] of [105, 3, 4].entries()) {
        history = addReading(history, [value], { nowMs: 100 + at * 100, windowMs: 1000, onDecrease })
      }
      return growthOf(history)[0]
    }
    assert.deepEqual([grown('restart'), grown('correction')], [9, 6])
  })
})

describe('the disk quota', () => {
  it('is what the destination keeps of the log, and unknown when nobody could say', () => {
    const settings = { percent: 80 }
    const look = { settings, memory: undefined, nowMs: 0, unwatchedMs: 0 }
    assert.deepEqual(diskQuota.observe({ quotaPercent: 83.25 }, look), { value: 83.25 })
    assert.deepEqual(diskQuota.observe({}, look), { value: undefined })
    assert.equal(diskQuota.threshold(settings), 80)
    assert.equal(diskQuota.describe(83.25, settings), 'what it has not read takes 83.3 % of the disk quota')
  })
})

describe('the failure share', () => {
  const settings = { percent: 50, windowMs: 60_000, minAttempts: 10 }
  const observe = (all: number, failed: number, state: 'running' | 'failing' | 'disabled' = 'running', before = 0) => {
    const first = failureShare.observe(
      { attempts: { all: before, failed: before } },
      { settings, memory: undefined, nowMs: 0, unwatchedMs: 0 },
    )
    const { memory } = first
    return failureShare.observe(
      { attempts: { all: before + all, failed: before + failed }, state },
      { settings, memory, nowMs: 1000, unwatchedMs: 0 },
    ).value
  }

  it('is a share of the attempts within the window', () => {
    assert.equal(observe(20, 5), 25)
    assert.equal(observe(10, 10), 100)
  })

  it('is not known with few attempts, unless they succeed or the destination is disabled', () => {
    assert.deepEqual([observe(9, 9), observe(0, 0)], [undefined, undefined])
    assert.deepEqual([observe(4, 1), observe(9, 9, 'disabled')], [25, 0])
  })

  it('is nothing after a window without attempts, but not while something waits or nothing was tried at all', () => {
    assert.deepEqual(
      [observe(0, 0, 'running', 5), observe(0, 0, 'failing', 5), observe(0, 0)],
      [0, undefined, undefined],
    )
  })
})

describe('the silence of a source', () => {
  const settings = { silentMs: 60_000 }

  it('begins anew with each message, and does not grow while nobody listened', () => {
    const seen: (number | undefined)[] = []
    let memory: ReturnType<typeof sourceSilence.observe>['memory']
    for (const [accepted, nowMs, unwatchedMs] of [
      [5, 0, 0],
      [5, 10_000, 0],
      [5, 50_000, 30_000],
      [6, 60_000, 0],
    ] as const) {
      const observed = sourceSilence.observe({ accepted }, { settings, memory, nowMs, unwatchedMs })
      memory = observed.memory
      seen.push(observed.value)
    }
    assert.deepEqual(seen, [0, 10_000, 20_000, 0])
  })
})

describe('a duration', () => {
  it('is told by its two largest units', () => {
    assert.deepEqual([90, 1000, 40_000, 61_500, 7_500_000, 3_600_000, 90_000_000].map(formatDuration), [
      '90 ms',
      '1 s',
      '40 s',
      '1 min 1 s',
      '2 h 5 min',
      '1 h',
      '1 d 1 h',
    ])
  })
})
