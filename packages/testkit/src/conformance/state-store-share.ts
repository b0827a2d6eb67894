import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StateStore } from '@millrace/storage'
import { ChildProgram } from '../child-program.ts'
import type { StateReadAnswer } from './answer-state-reads.ts'
import { itWith } from './skip.ts'
import { withStore } from './state-store-driver.ts'
import type { StateStoreDriver } from './state-store-driver.ts'

/** Writes the same number to an entry, a counter and a cursor. */
const step = (store: StateStore, number: number): Promise<void> =>
  store.transaction((tx) => {
    tx.put('shared', ['latest'], Buffer.from(`${number}`))
    tx.put('shared', ['step', number], Buffer.alloc(0))
    tx.add('steps', 1)
    tx.setCursor('steps', { block: number, index: 0 })
  })

export const testSharing = <Place>(driver: StateStoreDriver<Place>): void => {
  describe('snapshot', () => {
    it('sees one commit, whatever is committed beside it', () =>
      withStore(driver, async (store) => {
        await step(store, 1)
        await store.snapshot(async (reader) => {
          const first = await reader.get('shared', ['latest'])
          await step(store, 2)
          await step(store, 3)
          assert.equal(Buffer.from(first as Uint8Array).toString(), '1')
          assert.deepEqual(await reader.cursor('steps'), { block: 1, index: 0 })
          assert.deepEqual(await reader.counters('steps'), new Map([['steps', 1]]))
          assert.deepEqual(
            (await reader.scan('shared')).map(({ key }) => key),
            [['latest'], ['step', 1]],
          )
          assert.deepEqual((await reader.floor('shared', ['step', 9]))?.key, ['step', 1])
          assert.deepEqual(await store.cursor('steps'), { block: 3, index: 0 }, 'the store itself goes on')
        })
        await store.snapshot(async (reader) => {
          assert.deepEqual(await reader.cursor('steps'), { block: 3, index: 0 })
        })
      }))

    it('is of the moment at which its function is called, not of its first read', () =>
      withStore(driver, async (store) => {
        await step(store, 1)
        await store.snapshot(async (reader) => {
          await step(store, 2)
          assert.deepEqual(await reader.cursor('steps'), { block: 1, index: 0 })
        })
      }))

    it('returns what its function returns, and rejects with what it throws', () =>
      withStore(driver, async (store) => {
        assert.equal(await store.snapshot(async () => 42), 42)
        const failure = new Error('while reading')
        await assert.rejects(
          store.snapshot(() => Promise.reject(failure)),
          failure,
        )
        assert.equal(await store.snapshot(async () => 43), 43)
      }))

    it('is whole while a writer goes on', () =>
      withStore(driver, async (store) => {
        const writing = (async () => {
          for (let number = 1; number <= 200; number++) {
            await step(store, number)
            await new Promise(setImmediate)
          }
        })()
        let block = 0
        for (let round = 0; block < 200; round++) {
          assert.ok(round < 100_000, 'the reader never saw the end')
          const [cursor, counters, rows] = await store.snapshot(async (reader) => {
            const cursor = await reader.cursor('steps')
            await new Promise(setImmediate)
            const counters = await reader.counters('steps')
            await new Promise(setImmediate)
            return [cursor, counters, await reader.scan('shared', { prefix: ['step'] })] as const
          })
          block = cursor?.block ?? 0
          assert.equal(counters.get('steps') ?? 0, block)
          assert.equal(rows.length, block)
        }
        await writing
      }))
  })

  const reader = driver.readerProgram
  describe('another process', () => {
    itWith(reader, 'sees every commit, whole, as soon as its promise resolved', (reader) =>
      withStore(driver, async (store, place) => {
        await step(store, 1)
        await using child = new ChildProgram(reader.program, [reader.argument(place)])
        for (let number = 2; number <= 30; number++) {
          await step(store, number)
          const answer = JSON.parse(await child.ask('steps')) as StateReadAnswer
          assert.deepEqual(answer, {
            cursor: { block: number, index: 0 },
            counters: { steps: number },
            entries: number + 1,
          })
        }
      }),
    )
  })
}
