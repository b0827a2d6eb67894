import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStateStore } from '@millrace/testkit'
import { deliveryState, outcomeKey } from './delivery-state.ts'
import { outcomeCodes } from './outcome-code.ts'
import { OutcomeKinds } from './outcome-kind.ts'
import { OutcomeRuns, encodeOutcomes } from './outcome-runs.ts'
import { pruneOutcomes } from './prune-outcomes.ts'

const scene = async (): Promise<MemoryStateStore> => {
  const state = new MemoryStateStore()
  const kinds = new OutcomeKinds()
  const { delivered, deadRejected, filteredNotConnected } = outcomeCodes
  const sent = kinds.with(0, 'send', delivered)
  const half = kinds.with(sent, 'copy', deadRejected)
  const counts = new Map([
    [
      'web',
      new Map([
        [sent, 3],
        [half, 1],
      ]),
    ],
    ['app', new Map([[filteredNotConnected, 5]])],
  ])
  await state.transaction((tx) => {
    for (const id of ['hook', 'hook2']) {
      for (let block = 0; block < 1300; block++) {
        // Each record ends in the middle of the block after it.
        const value = encodeOutcomes({ block: block + 1, index: 4 }, 1, new OutcomeRuns(kinds.list), counts)
        tx.put(deliveryState.outcomes, outcomeKey(id, block, 4), value)
      }
    }
  })
  return state
}

const kept = async (state: MemoryStateStore, id: string): Promise<unknown[]> =>
  (await state.scan(deliveryState.outcomes, { prefix: [id], limit: 10_000 })).map(({ key }) => key[1])

test('removes thousands of records before the tail, adds up what they count, and touches no other destination', async () => {
  const state = await scene()
  assert.equal(await pruneOutcomes(state, 'hook', 0), 0)
  assert.equal(await pruneOutcomes(state, 'hook', 1200), 1199, 'the last one still has rows in block 1200')
  assert.equal((await kept(state, 'hook'))[0], 1199)
  assert.equal((await kept(state, 'hook')).length, 101)
  assert.equal((await kept(state, 'hook2')).length, 1300)
  assert.deepEqual(Object.fromEntries(await state.counters('')), {
    'pruned~/hook/web/2': 3597,
    'pruned~/hook/web/2/send': 4796,
    'pruned~/hook/web/7': 1199,
    'pruned~/hook/web/7/copy': 1199,
    'pruned~/hook/app/3': 5995,
  })
  assert.equal(await pruneOutcomes(state, 'hook', 1200), 0, 'once')
})

test('a failing step counts nothing, and the next run completes it', async () => {
  const state = await scene()
  state.failNextTransaction()
  await assert.rejects(pruneOutcomes(state, 'hook', 700))
  assert.equal((await state.counters('')).size, 0)
  assert.equal(await pruneOutcomes(state, 'hook', 700), 699)
  assert.equal((await state.counters('')).get('pruned~/hook/web/2'), 2097)
})

test('keeps a record that ends inside the first block of a log from which nothing was removed', async () => {
  const state = new MemoryStateStore()
  const value = encodeOutcomes({ block: 0, index: 1 }, 1, new OutcomeRuns([]), new Map())
  await state.transaction((tx) => tx.put(deliveryState.outcomes, outcomeKey('hook', 0, 0), value))
  assert.equal(await pruneOutcomes(state, 'hook', 0), 0)
  assert.deepEqual(await kept(state, 'hook'), [0])
})
