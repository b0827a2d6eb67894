import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CursorMovedBackError } from '@millrace/storage'
import { withStore } from './state-store-driver.ts'
import type { StateStoreDriver } from './state-store-driver.ts'
import { itWith } from './skip.ts'

const bytes = (text: string): Buffer => Buffer.from(text)
const text = (value: Uint8Array | undefined): string | undefined => value && Buffer.from(value).toString()

export const testTransactions = <Place>(driver: StateStoreDriver<Place>): void => {
  describe('transaction', () => {
    it('commits all that it wrote: entries, counters and cursor', () =>
      withStore(driver, async (store) => {
        await store.transaction((tx) => {
          tx.put('space', ['a', 1], bytes('one'))
          tx.put('space', ['a', 1], bytes('two'))
          tx.put('other', ['a', 1], bytes('elsewhere'))
          tx.add('count', 2)
          tx.add('count', 3)
          tx.setCursor('resolve', { block: 2 ** 40, index: 7 })
        })
        assert.equal(text(await store.get('space', ['a', 1])), 'two')
        assert.equal(text(await store.get('other', ['a', 1])), 'elsewhere')
        assert.deepEqual(await store.counters(''), new Map([['count', 5]]))
        assert.deepEqual(await store.cursor('resolve'), { block: 2 ** 40, index: 7 })
      }))

    it('changes nothing when it makes durable what is committed', () =>
      withStore(driver, async (store) => {
        await store.sync()
        await store.transaction((tx) => tx.add('count', 2))
        await store.sync()
        await store.sync()
        await store.transaction((tx) => tx.add('count', 3))
        assert.deepEqual(await store.counters(''), new Map([['count', 5]]))
      }))

    it('stores values of every size, the empty one included', () =>
      withStore(driver, async (store) => {
        for (const size of [0, 1, 4096, 1_000_000]) {
          const value = Buffer.alloc(size, 'v')
          await store.transaction((tx) => tx.put('sizes', [size], value))
          const found = await store.get('sizes', [size])
          assert.ok(found !== undefined && value.equals(found), `a value of ${size} bytes`)
        }
      }))

    it('keeps the value as it was put, whatever happens to the buffers', () =>
      withStore(driver, async (store) => {
        const value = bytes('kept')
        await store.transaction((tx) => tx.put('kept', ['a'], value))
        value.fill(0)
        const found = await store.get('kept', ['a'])
        assert.equal(text(found), 'kept')
        found?.fill(0)
        assert.equal(text(await store.get('kept', ['a'])), 'kept')
      }))

    it('deletes single keys and ranges', () =>
      withStore(driver, async (store) => {
        await store.transaction((tx) => {
          for (let index = 0; index < 10; index++) tx.put('space', ['k', index], bytes(`${index}`))
        })
        await store.transaction((tx) => {
          tx.delete('space', ['k', 0])
          tx.delete('space', ['never there'])
          tx.deleteRange('space', ['k', 3], ['k', 7])
          tx.deleteRange('space', ['k', 9], ['k', 8])
        })
        assert.deepEqual(
          (await store.scan('space')).map(({ key }) => key[1]),
          [1, 2, 7, 8, 9],
        )
      }))

    it('leaves nothing of a transaction that throws', () =>
      withStore(driver, async (store) => {
        await store.transaction((tx) => {
          tx.put('space', ['kept'], bytes('before'))
          tx.add('count', 1)
          tx.setCursor('resolve', { block: 1, index: 0 })
        })
        const failure = new Error('midway')
        await assert.rejects(
          store.transaction((tx) => {
            tx.put('space', ['kept'], bytes('after'))
            tx.put('space', ['new'], bytes('after'))
            tx.put('new_space', ['new'], bytes('after'))
            tx.delete('space', ['kept'])
            tx.add('count', 10)
            tx.add('new', 10)
            tx.setCursor('resolve', { block: 2, index: 0 })
            tx.deleteCursor('resolve')
            throw failure
          }),
          failure,
        )
        assert.equal(text(await store.get('space', ['kept'])), 'before')
        assert.equal(await store.get('space', ['new']), undefined)
        assert.deepEqual(await store.scan('new_space'), [])
        assert.deepEqual(await store.counters(''), new Map([['count', 1]]))
        assert.deepEqual(await store.cursor('resolve'), { block: 1, index: 0 })
        await store.transaction((tx) => tx.put('new_space', ['new'], bytes('at last')))
        assert.equal(text(await store.get('new_space', ['new'])), 'at last')
      }))

    itWith(driver.survivesRestart, 'has everything after a restart', () =>
      withStore(driver, async (first, place) => {
        await first.transaction((tx) => {
          tx.put('space', ['a'], bytes('one'))
          tx.add('count', 5)
          tx.setCursor('resolve', { block: 3, index: 1 })
        })
        await first[Symbol.asyncDispose]()
        await using store = await driver.open(place)
        assert.equal(text(await store.get('space', ['a'])), 'one')
        assert.deepEqual(await store.counters(''), new Map([['count', 5]]))
        assert.deepEqual(await store.cursor('resolve'), { block: 3, index: 1 })
      }),
    )
  })

  describe('cursors', () => {
    it('has none for a consumer that never moved', () =>
      withStore(driver, async (store) => assert.equal(await store.cursor('new'), undefined)))

    it('refuses to go back, by block or by index, and the transaction with it', () =>
      withStore(driver, async (store) => {
        await store.transaction((tx) => tx.setCursor('resolve', { block: 10, index: 5 }))
        for (const back of [
          { block: 9, index: 9 },
          { block: 10, index: 4 },
        ]) {
          await assert.rejects(
            store.transaction((tx) => {
              tx.add('count', 1)
              tx.setCursor('resolve', back)
            }),
            CursorMovedBackError,
          )
        }
        assert.deepEqual(await store.cursor('resolve'), { block: 10, index: 5 })
        assert.deepEqual(await store.counters(''), new Map())
      }))

    it('refuses to go back within one transaction', () =>
      withStore(driver, async (store) => {
        await assert.rejects(
          store.transaction((tx) => {
            tx.setCursor('resolve', { block: 2, index: 0 })
            tx.setCursor('resolve', { block: 1, index: 0 })
          }),
          CursorMovedBackError,
        )
        assert.equal(await store.cursor('resolve'), undefined)
      }))

    it('stays, goes on, and goes back when that is meant', () =>
      withStore(driver, async (store) => {
        for (const [block, index, rewind] of [
          [10, 5, false],
          [10, 5, false],
          [10, 6, false],
          [11, 0, false],
          [3, 2, true],
          [4, 0, false],
        ] as const) {
          await store.transaction((tx) => tx.setCursor('resolve', { block, index }, { rewind }))
          assert.deepEqual(await store.cursor('resolve'), { block, index })
        }
      }))

    it('forgets a deleted cursor, which may then begin anywhere', () =>
      withStore(driver, async (store) => {
        await store.transaction((tx) => {
          tx.setCursor('a', { block: 10, index: 0 })
          tx.setCursor('b', { block: 20, index: 0 })
        })
        await store.transaction((tx) => tx.deleteCursor('a'))
        assert.equal(await store.cursor('a'), undefined)
        await store.transaction((tx) => tx.setCursor('a', { block: 1, index: 0 }))
        assert.deepEqual(await store.cursor('a'), { block: 1, index: 0 })
        assert.deepEqual(await store.cursor('b'), { block: 20, index: 0 })
      }))
  })

  describe('counters', () => {
    it('adds and subtracts, and keeps large values exact', () =>
      withStore(driver, async (store) => {
        await store.transaction((tx) => tx.add('count', 2 ** 52))
        await store.transaction((tx) => tx.add('count', 3))
        await store.transaction((tx) => tx.add('count', -1))
        assert.deepEqual(await store.counters('count'), new Map([['count', 2 ** 52 + 2]]))
      }))

    it('finds counters by the beginning of their names, taken literally', () =>
      withStore(driver, async (store) => {
        const names = ['a', 'a.b', 'a.c', 'b', 'A.b', 'a%', 'a_', '😀', '😀.x', 'é.x', 'e.x', '']
        await store.transaction((tx) => {
          for (const [index, name] of names.entries()) tx.add(name, index)
        })
        for (const prefix of ['', 'a', 'a.', 'a.b', 'a%', 'a_', '😀', '😀.', 'é', 'c']) {
          const expected = names
            .map((name, index) => [name, index] as const)
            .filter(([name]) => name.startsWith(prefix))
          const found = [...(await store.counters(prefix))].sort(([, a], [, b]) => a - b)
          assert.deepEqual(found, expected, `prefix "${prefix}"`)
        }
      }))
  })
}
