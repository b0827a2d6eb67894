import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FileEventLog } from '@millrace/storage/engines'
import { MemoryStateStore, removeFolder, temporaryFolder } from '@millrace/testkit'
import { cursorSince, resolvedOffsetBefore } from './cursor-since.ts'
import { blockOfRows } from './testing/block-of-rows.ts'
import { openResolver, resolveAll } from './testing/resolving.ts'

test('halves over a log of many megabytes, resolved or not, without passing the time asked for', async () => {
  const folder = await temporaryFolder()
  const log = await FileEventLog.open({ directory: folder, segmentBytes: 1024 * 1024 })
  try {
    const state = new MemoryStateStore()
    const rows = Array.from({ length: 400 }, (_, index) => ({ id: `some-quite-long-message-id-${index}` }))
    const offsets: number[] = []
    for (let second = 0; second < 100; second++) offsets.push(...(await log.append([blockOfRows(rows, second * 1000)])))
    const resolver = await openResolver({ log, state, directory: folder })
    while (resolver.cursor < (offsets[60] ?? 0)) await resolver.step()
    const check = async (): Promise<void> => {
      for (const second of [0, 1, 33, 59, 61, 99]) {
        const head = await log.head()
        const before = await resolvedOffsetBefore(log, state, second * 1000, head)
        assert.ok(before <= (offsets[second] ?? 0), `${before} is after second ${second}`)
        assert.equal(await cursorSince(log, state, second * 1000 - 999), offsets[second])
      }
    }
    await check()
    await resolveAll(resolver, log)
    await check()
    const head = await log.head()
    assert.ok((offsets[99] ?? 0) - (await resolvedOffsetBefore(log, state, 99_000, head)) < 2 * 1024 * 1024)
    assert.ok(head > 6 * 1024 * 1024)
  } finally {
    await log[Symbol.asyncDispose]()
    await removeFolder(folder)
  }
})
