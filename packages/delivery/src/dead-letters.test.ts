import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStateStore } from '@millrace/testkit'
import * as fc from 'fast-check'
import { groupDeadLetters, readDeadLetters } from './dead-letters.ts'
import { deliveryState, encodeJson } from './delivery-state.ts'
import type { DeadLetter } from './delivery-state.ts'

interface Placed {
  destination: string
  block: number
  index: number
  letter: DeadLetter
}

const letterOf = (number: number, change: Partial<DeadLetter> = {}): DeadLetter => ({
  messageId: `m-${number}`,
  source: 'web',
  action: 'send',
  reason: 'rejected',
  code: 'http_400',
  detail: `detail ${number}`,
  attempts: 1,
  at: new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString(),
  ...change,
})

const stored = async (placed: readonly Placed[]): Promise<MemoryStateStore> => {
  const state = new MemoryStateStore()
  await state.transaction((tx) => {
    for (const { destination, block, index, letter } of placed) {
      tx.put(deliveryState.dead, [destination, block, index, letter.action], encodeJson(letter))
    }
  })
  return state
}

test('paging through the letters gives each of the destination once, the latest first, whatever the size of a page', async () => {
  const places = fc.uniqueArray(fc.tuple(fc.nat(5), fc.nat(5), fc.constantFrom('send', 'copy')), {
    selector: String,
    maxLength: 40,
  })
  await fc.assert(
    fc.asyncProperty(places, fc.integer({ min: 1, max: 5 }), async (list, limit) => {
      const placed = list.flatMap(([block, index, action], number) =>
        ['hook', 'hook~2', 'other'].map((destination) => ({
          destination,
          block,
          index,
          letter: letterOf(number, { action, messageId: `${block}:${index}` }),
        })),
      )
      const state = await stored(placed)
      const seen: string[] = []
      let before: { block: number; index: number } | undefined
      for (let page = 0; page <= list.length; page++) {
        const { entries, next } = await readDeadLetters(state, 'hook', {}, { before, limit })
        seen.push(...entries.map(({ messageId, action }) => `${messageId} ${action}`))
        if (next === undefined) break
        before = next
      }
      const expected = list
        .toSorted(([a, b], [c, d]) => c - a || d - b)
        .map(([block, index, action]) => `${block}:${index} ${action}`)
      assert.deepEqual([...seen].sort(), [...expected].sort())
      assert.deepEqual(
        seen.map((text) => text.split(' ')[0]),
        expected.map((text) => text.split(' ')[0]),
      )
    }),
  )
})

test('letters are chosen by action, reason and code', async () => {
  const state = await stored([
    { destination: 'hook', block: 0, index: 0, letter: letterOf(0) },
    { destination: 'hook', block: 0, index: 1, letter: letterOf(1, { code: 'http_422' }) },
    { destination: 'hook', block: 0, index: 2, letter: letterOf(2, { reason: 'retry_window' }) },
    { destination: 'hook', block: 0, index: 3, letter: letterOf(3, { action: 'copy' }) },
  ])
  const ids = async (filter: object): Promise<string[]> =>
    (await readDeadLetters(state, 'hook', filter, { limit: 10 })).entries.map(({ messageId }) => messageId)
  assert.deepEqual(await ids({}), ['m-3', 'm-2', 'm-1', 'm-0'])
  assert.deepEqual(await ids({ code: 'http_422' }), ['m-1'])
  assert.deepEqual(await ids({ reason: 'rejected', action: 'send' }), ['m-1', 'm-0'])
})

test('causes are counted with their times and the latest sample, the most frequent first, up to a bound', async () => {
  const placed = Array.from({ length: 10 }, (_, number) => ({
    destination: 'hook',
    block: number,
    index: 0,
    letter: letterOf(number, number % 3 === 0 ? { code: 'http_422' } : {}),
  }))
  const state = await stored(placed)
  const { causes, counted, complete } = await groupDeadLetters(state, 'hook')
  assert.deepEqual([counted, complete], [10, true])
  assert.deepEqual(
    causes.map(({ code, count, sample, firstAt, lastAt }) => [code, count, sample.messageId, firstAt, lastAt]),
    [
      ['http_400', 6, 'm-8', letterOf(1).at, letterOf(8).at],
      ['http_422', 4, 'm-9', letterOf(0).at, letterOf(9).at],
    ],
  )
  const bounded = await groupDeadLetters(state, 'hook', 4)
  assert.deepEqual([bounded.counted, bounded.complete], [4, false])
  assert.equal((await groupDeadLetters(state, 'other')).counted, 0)
})
