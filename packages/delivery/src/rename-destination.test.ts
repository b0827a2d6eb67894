import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStateStore } from '@millrace/testkit'
import { consumerOf, counterOf, deliveryState, encodeJson, outcomeKey, prunedCounterOf } from './delivery-state.ts'
import { renameDestination } from './rename-destination.ts'

const filled = async (ids: readonly string[]): Promise<MemoryStateStore> => {
  const state = new MemoryStateStore()
  await state.transaction((tx) => {
    for (const id of ids) {
      for (let block = 0; block < 2500; block++)
        tx.put(deliveryState.outcomes, outcomeKey(id, block, 3), encodeJson(id))
      for (let block = 0; block < 1000; block++) tx.put(deliveryState.dead, [id, block, 0, 'send'], encodeJson(id))
      tx.put(deliveryState.meta, [id], encodeJson({ id }))
      tx.add(counterOf(id, 'web', 2), 7)
      tx.add(counterOf(id, 'web', 2, 'a/b'), 6)
      tx.add(prunedCounterOf(counterOf(id, 'web', 2)), 3)
      tx.add(prunedCounterOf(counterOf(id, 'web', 2, 'a/b')), 2)
      tx.setCursor(consumerOf(id), { block: 9, index: 1 })
    }
  })
  return state
}

const everything = async (state: MemoryStateStore, id: string): Promise<unknown> => ({
  outcomes: (await state.scan(deliveryState.outcomes, { prefix: [id], limit: 10_000 })).map(({ key, value }) => [
    key.slice(1),
    value,
  ]),
  dead: (await state.scan(deliveryState.dead, { prefix: [id], limit: 10_000 })).map(({ key, value }) => [
    key.slice(1),
    value,
  ]),
  meta: await state.get(deliveryState.meta, [id]),
  counters: [...(await state.counters(`${id}/`)), ...(await state.counters(`pruned~/${id}/`))].map(
    ([, value]) => value,
  ),
  cursor: await state.cursor(consumerOf(id)),
})

test('moves thousands of records, and nothing of ids that begin alike or are called "pruned"', async () => {
  const state = await filled(['hook', 'hook2', 'hoo', 'pruned'])
  const before = await everything(state, 'hook')
  const others = await Promise.all(['hook2', 'hoo', 'pruned'].map((id) => everything(state, id)))
  await renameDestination(state, 'hook', 'posts')
  assert.deepEqual(await everything(state, 'posts'), before)
  assert.deepEqual(await everything(state, 'hook'), {
    outcomes: [],
    dead: [],
    meta: undefined,
    counters: [0, 0, 0, 0],
    cursor: undefined,
  })
  assert.deepEqual(await Promise.all(['hook2', 'hoo', 'pruned'].map((id) => everything(state, id))), others)
  await renameDestination(state, 'pruned', 'other')
  assert.deepEqual(await everything(state, 'hook2'), others[0])
  await renameDestination(state, 'posts', 'hook')
  assert.deepEqual(await everything(state, 'hook'), before, 'there and back')
})

test('changes what is known of it in the same transaction, or nothing at all', async () => {
  const state = await filled(['hook'])
  const before = await everything(state, 'hook')
  const meta = {
    type: 'fake',
    start: { block: 0, index: 0 },
    resolvedBeforeStart: {},
    matching: { name: 'x', enabled: true, actions: [] },
  }
  state.failNextTransaction()
  await assert.rejects(renameDestination(state, 'hook', 'hook~2', { ...meta, removedAt: 'now' }))
  assert.deepEqual(await everything(state, 'hook'), before)
  await renameDestination(state, 'hook', 'hook~2', { ...meta, removedAt: 'now' })
  assert.deepEqual(
    await state.get(deliveryState.meta, ['hook~2']),
    new Uint8Array(encodeJson({ ...meta, removedAt: 'now' })),
  )
  assert.equal(await state.get(deliveryState.meta, ['hook']), undefined)
})
