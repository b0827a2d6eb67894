import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { withSmallDisk } from '@millrace/testkit'
import { SqliteStateStore } from './sqlite-state-store.ts'

const MEGABYTE = 1024 * 1024

it('goes on when a full disk has space again, having changed nothing meanwhile', (context) =>
  withSmallDisk(
    3 * MEGABYTE,
    (reason) => context.skip(reason),
    async (folder) => {
      const path = join(folder, 'state.db')
      const filler = join(folder, 'filler')
      await writeFile(filler, Buffer.alloc(MEGABYTE))
      let committed = 0
      const valueOf = (number: number): Buffer => Buffer.alloc(20_000, `${number} `)
      const commitUntilFull = async (store: SqliteStateStore): Promise<number> => {
        for (let round = 0; round < 1000; round++) {
          try {
            await store.transaction((tx) => {
              tx.put('entries', [committed], valueOf(committed))
              tx.add('steps', 1)
              tx.setCursor('steps', { block: committed, index: 0 })
            })
          } catch {
            return committed
          }
          committed++
        }
        throw new Error('the small disk never became full')
      }
      const check = async (store: SqliteStateStore): Promise<void> => {
        assert.deepEqual(await store.counters(''), new Map([['steps', committed]]))
        assert.deepEqual(await store.cursor('steps'), { block: committed - 1, index: 0 })
        const entries = await store.scan('entries')
        assert.equal(entries.length, committed)
        for (const [number, { value }] of entries.entries()) assert.ok(valueOf(number).equals(value))
      }
      {
        await using store = SqliteStateStore.open({ path })
        const whenFull = await commitUntilFull(store)
        assert.ok(whenFull > 10)
        await check(store)
        await rm(filler)
        assert.ok((await commitUntilFull(store)) > whenFull + 5, 'the freed space is used')
        await check(store)
      }
      await using store = SqliteStateStore.open({ path })
      await check(store)
    },
  ))
