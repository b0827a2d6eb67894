import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Cursor, LogBlock, LogReader } from '@millrace/storage'
import { MemoryEventLog } from '@millrace/testkit'
import { blockOfRows, testFingerprinter } from '../testing/block-of-rows.ts'
import { RecentEntries } from './recent-entries.ts'

/** A log that counts the blocks that were read. */
const counted = (log: MemoryEventLog): LogReader & { blocksRead: number } => {
  const reader = {
    blocksRead: 0,
    head: () => log.head(),
    tail: () => log.tail(),
    read: async (from: number, maxBytes: number): Promise<readonly LogBlock[]> => {
      const blocks = await log.read(from, maxBytes)
      reader.blocksRead += blocks.length
      return blocks
    },
    [Symbol.asyncDispose]: async () => {},
  }
  return reader
}

test('reads each block once, however many lookups there are', async () => {
  const log = new MemoryEventLog()
  const reader = counted(log)
  const recent = new RecentEntries(reader)
  for (let block = 0; block < 10; block++) await log.append([blockOfRows([{ id: `m${block}` }])])
  for (let lookup = 0; lookup < 5; lookup++) {
    assert.deepEqual(await recent.find(0, 10, testFingerprinter.of('m7')), [{ block: 7, index: 0 }])
  }
  assert.equal(reader.blocksRead, 10)
  await log.append([blockOfRows([{ id: 'm10' }])])
  assert.deepEqual(await recent.find(0, 11, testFingerprinter.of('m10')), [{ block: 10, index: 0 }])
  assert.equal(reader.blocksRead, 11)
  // An index file has taken over the first blocks.
  assert.deepEqual(await recent.find(8, 11, testFingerprinter.of('m7')), [])
  assert.deepEqual(await recent.find(8, 11, testFingerprinter.of('m9')), [{ block: 9, index: 0 }])
  assert.equal(reader.blocksRead, 11)
})

test('finds what a scan finds, whatever ranges are asked for in turn', async () => {
  const ids = fc.array(fc.array(fc.nat({ max: 8 }), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 })
  const ranges = fc.array(fc.tuple(fc.nat({ max: 8 }), fc.nat({ max: 8 }), fc.nat({ max: 8 })), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(ids, ranges, async (blocks, lookups) => {
      const log = new MemoryEventLog()
      for (const block of blocks) await log.append([blockOfRows(block.map((id) => ({ id: `m${id}` })))])
      const recent = new RecentEntries(log)
      for (const [a, b, id] of lookups) {
        const [from, to] = [Math.min(a, b, blocks.length), Math.min(Math.max(a, b), blocks.length)]
        const expected: Cursor[] = blocks.flatMap((rows, block) =>
          rows.flatMap((row, index) => (row === id && block >= from && block < to ? [{ block, index }] : [])),
        )
        assert.deepEqual(await recent.find(from, to, testFingerprinter.of(`m${id}`)), expected)
      }
    }),
  )
})
