import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DestinationStatus } from '@millrace/protocol'
import type { Backlog } from './backlog.ts'
import { planExpiry } from './plan-expiry.ts'
import type { ExpiryPlan, ExpirySettings } from './plan-expiry.ts'

const nowMs = Date.UTC(2026, 0, 1)
const settings: ExpirySettings = { atQuota: 'expire', expireAfterMs: 60_000 }

interface Need {
  from: number
  /** For how long it has been held. Absent: it is not. */
  heldMs?: number
  isWarehouse?: boolean
}

/** A log of 1,600 bytes, of which 800 may be kept; all of it is resolved. */
const plan = (needs: Record<string, Need>, changes: Partial<Backlog> & Partial<ExpirySettings> = {}): ExpiryPlan => {
  const entries = Object.entries(needs)
  const backlog: Backlog = {
    head: 1600,
    tail: 0,
    resolved: 1600,
    quotaBytes: 800,
    needs: new Map(entries.map(([id, { from }]) => [id, from])),
    replays: new Map(),
    keepFrom: Math.min(changes.resolved ?? 1600, ...entries.map(([, { from }]) => from)),
    ...changes,
  }
  const statuses = entries.map(([destination, { heldMs }]): Pick<DestinationStatus, 'destination' | 'hold'> => ({
    destination,
    ...(heldMs !== undefined && {
      hold: { cause: 'circuit', since: new Date(nowMs - heldMs).toISOString(), reason: 'down' },
    }),
  }))
  return planExpiry(backlog, statuses, (id) => needs[id]?.isWarehouse === true, { ...settings, ...changes }, nowMs)
}

const held = { heldMs: 60_000 }

test('warns from eight tenths of the quota on, of what is needed and not of what could be removed', () => {
  assert.deepEqual(plan({ hook: { from: 961, ...held } }), { level: 'ok', blockers: [] })
  assert.deepEqual(plan({ hook: { from: 960, ...held } }), { level: 'near', blockers: [] })
  assert.equal(plan({ hook: { from: 801, ...held } }).level, 'near')
  assert.equal(plan({ hook: { from: 800, ...held } }).level, 'full')
  assert.equal(plan({}).level, 'ok', 'a log that nobody needs is removed without a word')
})

test('at the quota what stopped destinations wait for expires down to seven eighths of it', () => {
  assert.deepEqual(plan({ hook: { from: 0, ...held }, other: { from: 1600 } }), {
    level: 'full',
    before: 900,
    blockers: [],
  })
})

test('nothing that a destination needs that runs, is stopped for a short time, or is a warehouse expires', () => {
  for (const other of [{ from: 300 }, { from: 300, heldMs: 59_999 }, { from: 300, ...held, isWarehouse: true }]) {
    assert.deepEqual(plan({ hook: { from: 0, ...held }, other }), { level: 'full', before: 300, blockers: ['other'] })
  }
})

test('what does not stand in the way of making room does not expire', () => {
  assert.equal(plan({ hook: { from: 0, ...held }, slow: { from: 0 } }).before, 0)
  assert.equal(plan({ hook: { from: 0, ...held } }, { resolved: 200 }).before, 200, 'nor what is not resolved')
  const replaying = plan({ hook: { from: 0, ...held } }, { replays: new Map([['replay-1', 100]]) })
  assert.deepEqual(replaying, { level: 'full', before: 100, blockers: ['replay-1'] })
})

test('nothing expires when the workspace wants it kept', () => {
  const kept = plan({ hook: { from: 100, ...held } }, { atQuota: 'keep' })
  assert.deepEqual(kept, { level: 'full', before: 100, blockers: ['hook'] })
})
