import assert from 'node:assert/strict'
import { it } from 'node:test'
import { testStateStore } from './conformance/state-store.ts'
import { MemoryStateStore } from './memory-state-store.ts'

testStateStore('MemoryStateStore', {
  create: async () => undefined,
  open: async () => new MemoryStateStore(),
  remove: async () => {},
  survivesRestart: { reason: 'the store lives in memory' },
  readerProgram: { reason: 'the store lives in the memory of one process' },
})

it('commits nothing of a transaction that it was told to fail, and the next one whole', async () => {
  const store = new MemoryStateStore()
  const failure = new Error('no space')
  store.failNextTransaction(failure)
  await assert.rejects(
    store.transaction((tx) => tx.add('count', 1)),
    failure,
  )
  await store.transaction((tx) => tx.add('count', 2))
  assert.deepEqual(await store.counters(''), new Map([['count', 2]]))
})
