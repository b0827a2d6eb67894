import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StateTransaction } from '@millrace/storage'
import { MemoryStateStore, VirtualClock, testStateStore } from '@millrace/testkit'
import type { Clock } from './clock.ts'
import { GroupedStore } from './grouped-store.ts'

class CountingStore extends MemoryStateStore {
  commits = 0
  override async transaction(write: (tx: StateTransaction) => void): Promise<void> {
    await super.transaction(write)
    this.commits++
  }
}

/** A store, and a way to ask for a transaction that moves a cursor and adds one to a counter. */
const opened = () => {
  const store = new CountingStore()
  const clock = new VirtualClock()
  const grouped = new GroupedStore(store, clock)
  const ended: string[] = []
  const ask = (consumer: string, block: number): void =>
    void grouped
      .transaction((tx) => {
        tx.add('steps', 1)
        tx.setCursor(consumer, { block, index: 0 })
      })
      .then(
        () => ended.push(`${consumer} ${block}`),
        (error: unknown) => ended.push(`${consumer} ${block}: ${(error as Error).name}`),
      )
  return { store, clock, grouped, ended, ask }
}

test('one that comes alone is committed at once, those after it together and in order', async () => {
  const { store, clock, ended, ask } = opened()
  ask('a', 1)
  ask('b', 1)
  ask('b', 2)
  ask('c', 1)
  assert.ok(await clock.run(() => ended.length > 0, 0))
  assert.deepEqual([ended, store.commits], [['a 1'], 1])
  assert.ok(await clock.run(() => ended.length > 1, 25))
  assert.deepEqual([ended, store.commits], [['a 1', 'b 1', 'b 2', 'c 1'], 2])
  assert.deepEqual(await store.cursor('b'), { block: 2, index: 0 })
  clock.setTimeout(() => {}, 25)
  await clock.run(() => false, 25)
  assert.equal(store.commits, 2, 'nothing is committed when nobody asks')
  ask('a', 2)
  assert.ok(await clock.run(() => ended.length === 5, 0), 'after a pause it does not wait')
})

test('a transaction that cannot be written fails alone', async () => {
  const { store, clock, ended, ask } = opened()
  ask('a', 5)
  await clock.run(() => ended.length === 1, 0)
  ask('b', 1)
  ask('a', 4)
  ask('c', 1)
  assert.ok(await clock.run(() => ended.length === 4, 25))
  assert.deepEqual(ended, ['a 5', 'b 1', 'a 4: CursorMovedBackError', 'c 1'])
  assert.equal((await store.counters('')).get('steps'), 3, 'each counted once')
  assert.deepEqual(await store.cursor('a'), { block: 5, index: 0 })
})

test('a store that fails for a moment fails none, and one that goes on failing fails each', async () => {
  const { store, clock, ended, ask } = opened()
  ask('a', 1)
  await clock.run(() => ended.length === 1, 0)
  store.failNextTransaction(new RangeError('full'))
  ask('b', 1)
  ask('c', 1)
  assert.ok(await clock.run(() => ended.length === 3, 25))
  for (let failure = 0; failure < 3; failure++) store.failNextTransaction(new RangeError('full'))
  ask('b', 2)
  ask('c', 2)
  assert.ok(await clock.run(() => ended.length === 5, 25))
  assert.deepEqual(ended, ['a 1', 'b 1', 'c 1', 'b 2: RangeError', 'c 2: RangeError'])
  assert.equal((await store.counters('')).get('steps'), 3)
})

test('its end commits what waits', async () => {
  const { store, grouped, ended, ask } = opened()
  ask('a', 1)
  ask('b', 1)
  await grouped[Symbol.asyncDispose]()
  assert.deepEqual(ended, ['a 1', 'b 1'])
  assert.equal(store.commits, 2)
})

/** The suite commits one after the other, thousands of times; this clock ends each wait at once. */
const hasty: Clock = {
  now: () => 0,
  setTimeout: (run) => {
    queueMicrotask(run)
    return 0
  },
  clearTimeout: () => {},
}

testStateStore('GroupedStore', {
  create: async () => undefined,
  open: async () => new GroupedStore(new MemoryStateStore(), hasty),
  remove: async () => {},
  survivesRestart: { reason: 'the store below is in memory' },
  readerProgram: { reason: 'the store below is in the memory of one process' },
})
