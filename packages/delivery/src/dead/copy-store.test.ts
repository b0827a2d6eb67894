import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStateStore } from '@millrace/testkit'
import { decodeDeadLetter, deliveryState, encodeJson } from '../delivery-state.ts'
import type { DeadLetter } from '../delivery-state.ts'
import { CopyBudget } from './copy-budget.ts'
import { dropCopies, keptCopies, letterKey, moveCopies, pruneCopies, putCopy, readDeadLetter } from './copy-store.ts'
import { encodeCopy } from './dead-copy.ts'

const letterOf = (at: string): DeadLetter => ({
  messageId: 'm',
  source: 'web',
  action: 'send',
  reason: 'rejected',
  code: 'http_400',
  detail: 'no',
  attempts: 1,
  at,
})
const copy = encodeCopy({ message: { messageId: 'm' } })

/** Letters of `hook` with copies, one for each time. */
const stored = async (...times: string[]): Promise<MemoryStateStore> => {
  const state = new MemoryStateStore()
  await state.transaction((tx) => {
    for (const [index, at] of times.entries()) {
      const key = letterKey('hook', { block: 0, index }, 'send')
      tx.put(deliveryState.dead, key, encodeJson({ ...letterOf(at), copyBytes: copy.length }))
      putCopy(tx, key, copy)
    }
  })
  return state
}
const countOf = async (state: MemoryStateStore, destination: string): Promise<number> =>
  (await state.scan(deliveryState.deadCopies, { prefix: [destination] })).length

test('copies whose time is over go, and their letters stay', async () => {
  const state = await stored('2026-01-01T00:00:00.000Z', '2026-01-03T00:00:00.000Z')
  const removed = await pruneCopies(state, 'hook', '2026-01-02T00:00:00.000Z', undefined)
  assert.deepEqual(removed, { copies: 1, bytes: copy.length, next: undefined })
  assert.deepEqual(await keptCopies(state, 'hook'), { copies: 1, bytes: copy.length })
  const [old, recent] = await Promise.all(
    [0, 1].map((index) => readDeadLetter(state, 'hook', { block: 0, index }, 'send')),
  )
  assert.equal(old?.messageId, 'm')
  assert.equal(old.copy, undefined)
  assert.deepEqual(recent?.copy, { message: { messageId: 'm' } })
  const letters = await state.scan(deliveryState.dead, { prefix: ['hook'] })
  assert.deepEqual(
    letters.map(({ value }) => decodeDeadLetter(value).copyBytes),
    [undefined, copy.length],
  )
  assert.equal((await pruneCopies(state, 'hook', '2026-01-02T00:00:00.000Z', undefined)).copies, 0)
})

test('letters are gone over in pages, each of them once', async () => {
  const state = await stored(...Array.from({ length: 2500 }, () => '2026-01-01T00:00:00.000Z'))
  let copies = 0
  let pages = 0
  for (let next: Parameters<typeof pruneCopies>[3]; pages === 0 || next !== undefined; pages++) {
    const removed = await pruneCopies(state, 'hook', '2026-01-02T00:00:00.000Z', next)
    copies += removed.copies
    next = removed.next
    assert.ok(pages < 5)
  }
  assert.deepEqual([copies, pages, await countOf(state, 'hook')], [2500, 3, 0])
})

test('copies move with their destination, and go when it is removed', async () => {
  const state = await stored(...Array.from({ length: 250 }, () => '2026-01-01T00:00:00.000Z'))
  await moveCopies(state, 'hook', 'other')
  assert.deepEqual([await countOf(state, 'hook'), await countOf(state, 'other')], [0, 250])
  assert.deepEqual(await keptCopies(state, 'hook'), { copies: 0, bytes: 0 })
  assert.deepEqual(await keptCopies(state, 'other'), { copies: 250, bytes: 250 * copy.length })
  await dropCopies(state, 'other')
  assert.equal(await countOf(state, 'other'), 0)
  assert.deepEqual(await keptCopies(state, 'other'), { copies: 0, bytes: 0 })
})

test('the bounds hold over a restart, and a warning says so once until there is room again', () => {
  const warnings: string[] = []
  const limits = { maxAgeMs: 0, maxCopies: 2, maxBytes: 100 }
  const budget = new CopyBudget(
    { copies: 1, bytes: 10 },
    () => limits,
    (problem) => warnings.push(problem),
  )
  assert.equal(budget.hasRoom, true)
  budget.add(10)
  assert.deepEqual([budget.hasRoom, budget.hasRoom, warnings.length], [false, false, 1])
  assert.match(warnings[0] ?? '', /settings\.deadLetters\.maxCopies/)
  budget.removed(1, 10)
  assert.equal(budget.hasRoom, true)
  budget.add(100)
  limits.maxCopies = 10
  assert.deepEqual([budget.hasRoom, warnings.length], [false, 2])
  assert.match(warnings[1] ?? '', /settings\.deadLetters\.maxBytes/)
})

test('copies that cannot be stored yet fill a bounded room in memory', () => {
  const warnings: string[] = []
  const limits = { maxAgeMs: 0, maxCopies: 1e9, maxBytes: 1e12 }
  const budget = new CopyBudget(
    { copies: 0, bytes: 0 },
    () => limits,
    (problem) => warnings.push(problem),
  )
  budget.add(40 * 1024 * 1024)
  assert.equal(budget.hasRoom, false)
  budget.stored(40 * 1024 * 1024)
  assert.deepEqual([budget.hasRoom, warnings.length], [true, 1])
})
