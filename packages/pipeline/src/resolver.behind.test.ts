import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { BlockBuilder } from '@millrace/storage'
import { FileEventLog, SqliteStateStore } from '@millrace/storage/engines'
import { removeFolder, temporaryFolder } from '@millrace/testkit'
import { verifySourceLedgers } from './source-ledger.ts'
import { testFingerprinter } from './testing/block-of-rows.ts'
import { openResolver, resolveAll } from './testing/resolving.ts'

const BLOCKS = 100
const PER_BLOCK = 10_000
const MESSAGES = BLOCKS * PER_BLOCK

/** Of each block, the last 10 messages are copies of the block before. */
const largeBlock = (block: number): Buffer => {
  const builder = new BlockBuilder(testFingerprinter)
  const raw = Buffer.from('{"type":"track","event":"E"}')
  for (let at = 0; at < PER_BLOCK; at++) {
    const number = at < PER_BLOCK - 10 ? block * PER_BLOCK + at : (block - 1) * PER_BLOCK + at - 10
    const envelope = { messageId: `m${number}` }
    builder.addMessage(
      { source: 'web', type: 'track', event: 'E', receivedAtMs: 1e6 + block, envelope },
      raw,
      0,
      raw.length,
    )
  }
  return builder.build()
}

test('resolve stopped one million messages behind the head and restarted: exact, in bounded time and memory', async () => {
  const folder = await temporaryFolder()
  const log = await FileEventLog.open({ directory: join(folder, 'log') })
  try {
    const path = join(folder, 'resolve.db')
    const deduplication = { windowMs: 86_400_000, maxIds: 10_000_000 }
    const directory = join(folder, 'index')
    const memoryBefore = process.memoryUsage().rss
    for (let block = 0; block < BLOCKS; block++) await log.append([largeBlock(block)])

    // The first run resolves one step and is abandoned; the second is abandoned in the middle.
    let resolved = 0
    for (const until of [1, MESSAGES / 2, MESSAGES]) {
      await using state = SqliteStateStore.open({ path })
      const resolver = await openResolver({ log, state, directory, deduplication })
      assert.equal(resolver.window.size, resolved === 0 ? 0 : resolved - 10 * (resolved / PER_BLOCK - 1))
      if (until === MESSAGES) await resolveAll(resolver, log)
      else while (resolved < until) resolved += await resolver.step()
    }

    await using state = SqliteStateStore.open({ path })
    const counters = await state.counters('')
    const copies = 10 * (BLOCKS - 1)
    assert.deepEqual(Object.fromEntries(counters), {
      'accepted/web': MESSAGES,
      'duplicate/web': copies,
      'resolved/web': MESSAGES - copies,
    })
    assert.deepEqual((await verifySourceLedgers(log, state, () => {}, new AbortController().signal)).problems, [])
    const grownMb = (process.memoryUsage().rss - memoryBefore) / 1024 / 1024
    assert.ok(grownMb < 400, `the memory grew by ${grownMb.toFixed()} MB`)
  } finally {
    await log[Symbol.asyncDispose]()
    await removeFolder(folder)
  }
})
