import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import * as fc from 'fast-check'
import { MemoryEventLog, MemoryStateStore, removeFolder, temporaryFolder } from '@millrace/testkit'
import { CHECKPOINTS, REJECTIONS } from './resolver.ts'
import { blockOfRows } from './testing/block-of-rows.ts'
import type { TestRow } from './testing/block-of-rows.ts'
import { openResolver, recordsOf, resolveAll } from './testing/resolving.ts'

const directory = await temporaryFolder()
after(() => removeFolder(directory))

const row = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      id: fc.constantFrom(...'a b c d e f g h i j k l'.split(' ')),
      source: fc.constantFrom('web', 'app'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      rejected: fc.constantFrom('too_deep', 'unknown_key'),
      source: fc.constantFrom('web', ''),
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
)
const blocks = fc.array(fc.record({ rows: fc.array(row, { maxLength: 6 }), gapMs: fc.integer({ min: 0, max: 60 }) }), {
  minLength: 1,
  maxLength: 25,
})
/** What happens before each step. */
const disturbance = fc.record({
  restart: fc.boolean(),
  failing: fc.boolean(),
  stepBytes: fc.constantFrom(1, 600, 2000, 1_000_000),
})

const logOf = async (list: readonly { rows: readonly TestRow[]; gapMs: number }[]): Promise<MemoryEventLog> => {
  const log = new MemoryEventLog()
  let at = 1_000_000
  for (const { rows, gapMs } of list) await log.append([blockOfRows(rows, (at += gapMs))])
  return log
}

test('restarts and failed commits change nothing: same records, counters and rejections as in one undisturbed run', async () => {
  await fc.assert(
    fc.asyncProperty(
      blocks,
      fc.array(disturbance, { minLength: 1, maxLength: 12 }),
      fc.constantFrom({ windowMs: 100, maxIds: 1e6 }, { windowMs: 1e9, maxIds: 6 }, { windowMs: 150, maxIds: 12 }),
      async (list, disturbances, deduplication) => {
        const log = await logOf(list)
        const calm = new MemoryStateStore()
        await resolveAll(await openResolver({ log, state: calm, directory, deduplication }), log)

        const state = new MemoryStateStore()
        let resolver = await openResolver({ log, state, directory, deduplication, stepBytes: 1 })
        for (let at = 0; resolver.cursor < (await log.head()); at++) {
          const { restart, failing, stepBytes } = disturbances[at % disturbances.length] as (typeof disturbances)[0]
          if (restart) resolver = await openResolver({ log, state, directory, deduplication, stepBytes })
          if (failing) {
            state.failNextTransaction()
            await assert.rejects(resolver.step(), /made this transaction fail/)
          }
          await resolver.step()
        }
        assert.deepEqual(await recordsOf(state), await recordsOf(calm))
        assert.deepEqual(sorted(await state.counters('')), sorted(await calm.counters('')))
        assert.deepEqual(await state.scan(REJECTIONS), await calm.scan(REJECTIONS))
      },
    ),
    { numRuns: 100 },
  )
})

const sorted = (counters: ReadonlyMap<string, number>): [string, number][] =>
  [...counters].sort(([a], [b]) => (a < b ? -1 : 1))

test('a first step that cannot be stored does not make its messages duplicates of themselves', async () => {
  const log = await logOf([{ rows: [{ id: 'a' }, { id: 'b' }], gapMs: 0 }])
  const state = new MemoryStateStore()
  const resolver = await openResolver({ log, state, directory })
  state.failNextTransaction(new Error('disk full'))
  await assert.rejects(resolver.step(), /disk full/)
  assert.equal(await resolver.step(), 2)
  assert.deepEqual([...(await recordsOf(state)).values()], [{ workspaceVersion: 1, resolved: 2 }])
})

test('a failed step whose way back fails too loses nothing', async () => {
  const log = await logOf([
    { rows: [{ id: 'a' }], gapMs: 0 },
    { rows: [{ id: 'b' }, { id: 'a' }], gapMs: 0 },
  ])
  const state = new UnreadableStore()
  const resolver = await openResolver({ log, state, directory, stepBytes: 1 })
  await resolver.step()
  state.failNextTransaction()
  await assert.rejects(resolver.step())
  state.unreadable = true
  await assert.rejects(resolver.step(), /unreadable/)
  state.unreadable = false
  assert.equal(await resolver.step(), 2)
  assert.deepEqual((await recordsOf(state)).get(1), { workspaceVersion: 1, resolved: 1, duplicates: [1] })
})

class UnreadableStore extends MemoryStateStore {
  unreadable = false
  override cursor(consumer: string): ReturnType<MemoryStateStore['cursor']> {
    return this.unreadable ? Promise.reject(new Error('unreadable')) : super.cursor(consumer)
  }
}

test('the window is rebuilt up to the cursor, never up to the head: what waits is not a duplicate of itself', async () => {
  const log = await logOf([
    { rows: [{ id: 'a' }], gapMs: 0 },
    { rows: [{ id: 'b' }], gapMs: 0 },
    { rows: [{ id: 'c' }, { id: 'a' }], gapMs: 0 },
  ])
  const state = new MemoryStateStore()
  await (await openResolver({ log, state, directory, stepBytes: 1 })).step()
  const resolver = await openResolver({ log, state, directory })
  assert.equal(resolver.window.size, 1)
  await resolveAll(resolver, log)
  assert.deepEqual([...(await state.counters('duplicate/'))], [['duplicate/web', 1]])
  assert.deepEqual([...(await state.counters('resolved/'))], [['resolved/web', 3]])
})

test('the same messageId of two sources is two messages', async () => {
  const log = await logOf([
    {
      rows: [
        { id: 'a', source: 'web' },
        { id: 'a', source: 'app' },
        { id: 'a', source: 'web' },
      ],
      gapMs: 0,
    },
  ])
  const state = new MemoryStateStore()
  await resolveAll(await openResolver({ log, state, directory }), log)
  assert.deepEqual((await recordsOf(state)).get(0), { workspaceVersion: 1, resolved: 2, duplicates: [2] })
})

test('a block of rejections alone moves the cursor, and a step at the head does nothing', async () => {
  const log = await logOf([{ rows: [{ rejected: 'too_deep', source: 'web', count: 3 }], gapMs: 0 }])
  const state = new MemoryStateStore()
  const resolver = await openResolver({ log, state, directory })
  assert.equal(await resolver.step(), 0)
  assert.equal(resolver.cursor, 1)
  assert.equal(await resolver.step(), 0)
  assert.deepEqual([...(await state.counters(''))], [['rejected/web/too_deep', 3]])
})

test('checkpoints are at most 2,000 messages and a step apart, also when every run is shorter', async () => {
  const log = new MemoryEventLog()
  const rows = Array.from({ length: 500 }, (_, index) => ({ id: `m${index}` }))
  for (let block = 0; block < 13; block++) await log.append([blockOfRows(rows)])
  const state = new MemoryStateStore()
  for (let run = 0; run < 13; run++) {
    await (await openResolver({ log, state, directory, stepBytes: 1 })).step()
  }
  const checkpoints = await state.scan(CHECKPOINTS)
  assert.deepEqual(
    checkpoints.map(({ key }) => key[0]),
    [4, 8, 12],
  )
})
