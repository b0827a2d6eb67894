import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import * as fc from 'fast-check'
import { MemoryEventLog, MemoryStateStore, removeFolder, temporaryFolder } from '@millrace/testkit'
import { resolvedBefore } from './resolved-before.ts'
import { CHECKPOINTS } from './resolver.ts'
import { blockOfRows } from './testing/block-of-rows.ts'
import { openResolver, recordsOf, resolveAll } from './testing/resolving.ts'

const directory = await temporaryFolder()
after(() => removeFolder(directory))

test('counts the resolved messages of each source before any row, from any checkpoint', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.tuple(fc.nat(12), fc.constantFrom('web', 'app')), { maxLength: 5 }), {
        minLength: 1,
        maxLength: 9,
      }),
      fc.nat(9),
      async (blocks, splitAt) => {
        const log = new MemoryEventLog()
        for (const rows of blocks)
          await log.append([blockOfRows(rows.map(([id, source]) => ({ id: `m${id}`, source })))])
        const state = new MemoryStateStore()
        await resolveAll(await openResolver({ log, state, directory, stepBytes: 1 }), log)
        const records = await recordsOf(state)
        const expected = new Map<string, number>()
        const check = async (block: number, index: number): Promise<void> => {
          const counts = await resolvedBefore(log, state, { block, index })
          assert.deepEqual(Object.fromEntries(counts), Object.fromEntries(expected), `before ${block}:${index}`)
        }
        for (const [block, rows] of blocks.entries()) {
          if (block === splitAt) {
            // A checkpoint in the middle: counting begins there, and ends the same.
            const totals = JSON.stringify(Object.fromEntries([...expected].map(([name, n]) => [`resolved/${name}`, n])))
            await state.transaction((tx) => tx.put(CHECKPOINTS, [block], Buffer.from(totals)))
          }
          for (const [index, [, source]] of rows.entries()) {
            await check(block, index)
            if (records.get(block)?.duplicates?.includes(index) !== true) {
              expected.set(source, (expected.get(source) ?? 0) + 1)
            }
          }
        }
        await check(blocks.length, 0)
      },
    ),
    { numRuns: 60 },
  )
})

test('counts nothing that is not resolved yet', async () => {
  const log = new MemoryEventLog()
  const state = new MemoryStateStore()
  await log.append([blockOfRows([{ id: 'a' }])])
  await resolveAll(await openResolver({ log, state, directory }), log)
  await log.append([blockOfRows([{ id: 'b' }])])
  assert.deepEqual(await resolvedBefore(log, state, { block: 2, index: 0 }), new Map([['web', 1]]))
})
