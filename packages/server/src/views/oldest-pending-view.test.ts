import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodeResolution, resolveState } from '@millrace/storage'
import { MemoryEventLog, MemoryStateStore, blockOf } from '@millrace/testkit'
import { OldestPending } from './oldest-pending-view.ts'

/** A log of three blocks of two messages, received at 1000, 2000 and 3000; both rows of the second are duplicates. */
async function scene() {
  const log = new MemoryEventLog()
  const resolve = new MemoryStateStore()
  const delivery = new MemoryStateStore()
  for (const number of [0, 1, 2]) {
    const messages = ['a', 'b'].map((name) => ({ type: 'track', event: 'E', messageId: `${name}${number}` }))
    const [offset = 0] = await log.append([blockOf(messages, { receivedAtMs: (number + 1) * 1000 })])
    const duplicates = number === 1 ? [0, 1] : []
    const record = encodeResolution({ workspaceVersion: 1, resolved: 2 - duplicates.length, duplicates })
    await resolve.transaction((tx) => tx.put(resolveState.resolutions, [offset], record))
  }
  let reads = 0
  const counted = {
    head: () => log.head(),
    tail: () => log.tail(),
    read: (from: number, maxBytes: number) => {
      reads++
      return log.read(from, maxBytes)
    },
  }
  const view = new OldestPending({
    log: Object.assign(Object.create(log) as MemoryEventLog, counted),
    together: (read) => read(delivery, resolve),
  })
  return {
    view,
    reads: () => reads,
    resolvedTo: (block: number) =>
      resolve.transaction((tx) => tx.setCursor(resolveState.consumer, { block, index: 0 })),
    cursorAt: (block: number, index: number, removedAt?: string) =>
      delivery.transaction((tx) => {
        const meta = { type: 'hook', start: { block: 0, index: 0 }, resolvedBeforeStart: {}, matching: {}, removedAt }
        tx.put('meta', ['hook'], Buffer.from(JSON.stringify(meta)))
        tx.setCursor('delivery/hook', { block, index })
      }),
    oldest: async () => Object.fromEntries(await view.read()),
  }
}

describe('the oldest pending message', () => {
  it('is the first one at or after the cursor that goes on to delivery', async () => {
    const { resolvedTo, cursorAt, oldest } = await scene()
    await resolvedTo(3)
    const seen: unknown[] = []
    for (const [block, index] of [
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
      [2, 1],
      [3, 0],
    ] as const) {
      await cursorAt(block, index)
      seen.push((await oldest())['hook'])
    }
    assert.deepEqual(seen, [1000, 1000, 3000, 3000, 3000, null])
  })

  it('is not looked for behind the resolve stage, nor for a destination that was removed', async () => {
    const { resolvedTo, cursorAt, oldest } = await scene()
    await resolvedTo(2)
    await cursorAt(1, 0)
    assert.deepEqual(await oldest(), { hook: null })
    await resolvedTo(3)
    assert.deepEqual(await oldest(), { hook: 3000 })
    await cursorAt(1, 0, '2026-01-02T00:00:00.000Z')
    assert.deepEqual(await oldest(), {})
  })

  it('costs no read of the log while the cursor stands still', async () => {
    const { resolvedTo, cursorAt, oldest, reads } = await scene()
    await resolvedTo(3)
    await cursorAt(0, 0)
    for (let turn = 0; turn < 3; turn++) assert.deepEqual(await oldest(), { hook: 1000 })
    assert.equal(reads(), 1)
  })
})
