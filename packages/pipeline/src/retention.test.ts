import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { resolveState } from '@millrace/storage'
import { FileEventLog } from '@millrace/storage/engines'
import { MemoryStateStore, removeFolder, temporaryFolder } from '@millrace/testkit'
import { cursorSince } from './cursor-since.ts'
import { MessageFinder } from './message-index/message-finder.ts'
import { MessageIndexWriter } from './message-index/message-index-writer.ts'
import { resolvedBefore } from './resolved-before.ts'
import { CHECKPOINTS, REJECTIONS, Resolver } from './resolver.ts'
import { enforceRetention } from './retention.ts'
import { sourceLedgers, verifySourceLedgers } from './source-ledger.ts'
import { blockOfRows, testFingerprinter } from './testing/block-of-rows.ts'
import { recordsOf, resolveAll } from './testing/resolving.ts'

const HOUR = 3_600_000

/** A real log of small segments: one block of 80 KB an hour, 40 in all, 10 messages each, of which one is a copy. */
const scene = async (
  use: (scene: {
    log: FileEventLog
    state: MemoryStateStore
    resolver: Resolver
    index: MessageIndexWriter
    offsets: number[]
    finder: MessageFinder
  }) => Promise<void>,
): Promise<void> => {
  const folder = await temporaryFolder()
  const log = await FileEventLog.open({ directory: join(folder, 'log'), segmentBytes: 200_000 })
  const state = new MemoryStateStore()
  const directory = join(folder, 'index')
  const index = await MessageIndexWriter.open({ directory, log, upTo: 0, entriesPerFile: 25 })
  const resolver = await Resolver.open({
    log,
    state,
    index,
    fingerprinter: testFingerprinter,
    deduplication: () => ({ windowMs: 24 * HOUR, maxIds: 1e6 }),
    workspaceVersion: () => 1,
  })
  const offsets: number[] = []
  for (let hour = 0; hour < 40; hour++) {
    const ids = Array.from({ length: 10 }, (_, at) => ({ id: at === 9 ? `m${hour}-0` : `m${hour}-${at}` }))
    const rejection = { rejected: 'too_deep' }
    offsets.push(...(await log.append([blockOfRows([...ids, rejection], hour * HOUR, 8_000)])))
  }
  try {
    await use({ log, state, resolver, index, offsets, finder: new MessageFinder(directory, log, testFingerprinter) })
  } finally {
    await index.close()
    await log[Symbol.asyncDispose]()
    await removeFolder(folder)
  }
}

const verify = (log: FileEventLog, state: MemoryStateStore): ReturnType<typeof verifySourceLedgers> =>
  verifySourceLedgers(log, state, () => {}, new AbortController().signal)

test('removes what is too old, with all that points into it, and the ledger still verifies', async () => {
  await scene(async ({ log, state, resolver, index, offsets, finder }) => {
    await resolveAll(resolver, log)
    const head = await log.head()
    const before = await sourceLedgers(log, state)
    const cursor = { block: offsets[35] ?? 0, index: 3 }
    const resolvedThere = await resolvedBefore(log, state, cursor)
    const settings = { maxAgeMs: 10 * HOUR }
    const tail = await enforceRetention({ log, state, index, settings, nowMs: 40 * HOUR, keepFrom: head })

    assert.ok(tail > (offsets[13] ?? 0) && tail <= (offsets[30] ?? 0), `the tail is ${tail}`)
    assert.equal(await log.tail(), tail)
    assert.equal(Math.min(...(await recordsOf(state)).keys()), tail)
    assert.equal((await state.scan(CHECKPOINTS))[0]?.key[0], tail)
    assert.equal((await state.scan(REJECTIONS))[0]?.key[1], tail)
    assert.deepEqual(await sourceLedgers(log, state), before, 'the account is about all that was ever accepted')
    assert.deepEqual((await verify(log, state)).problems, [])
    assert.ok((await verify(log, state)).messagesRead > 0)
    assert.deepEqual(await resolvedBefore(log, state, cursor), resolvedThere)
    assert.deepEqual(await finder.find('m3-1'), [])
    assert.deepEqual(await finder.find('m39-1'), [{ block: offsets[39], index: 1 }])
  })
})

test('a wrong counter is found after the log was shortened', async () => {
  await scene(async ({ log, state, resolver, index }) => {
    await resolveAll(resolver, log)
    const keepFrom = await log.head()
    await enforceRetention({ log, state, index, settings: { maxAgeMs: HOUR }, nowMs: 40 * HOUR, keepFrom })
    await state.transaction((tx) => tx.add('resolved/web', 1))
    assert.deepEqual(
      (await verify(log, state)).problems.map(({ where }) => where),
      ['resolved/web'],
    )
  })
})

test('never removes what a consumer or the resolve stage has not read', async () => {
  await scene(async ({ log, state, resolver, index, offsets }) => {
    const settings = { maxAgeMs: 0, maxBytes: 1 }
    const nowMs = 1000 * HOUR
    const head = await log.head()
    assert.equal(
      await enforceRetention({ log, state, index, settings, nowMs, keepFrom: head }),
      0,
      'nothing is resolved',
    )
    await resolveAll(resolver, log)
    for (const block of [0, 1, 7, 22, 39]) {
      const keepFrom = offsets[block] ?? 0
      const tail = await enforceRetention({ log, state, index, settings, nowMs, keepFrom })
      assert.ok(tail <= keepFrom, `${tail} after ${keepFrom}`)
      assert.equal((await log.read(keepFrom, 1))[0]?.offset, keepFrom)
      assert.deepEqual((await verify(log, state)).problems, [])
    }
    assert.ok((await log.tail()) > 0)
  })
})

test('keeps the log below maxBytes, give or take a segment', async () => {
  await scene(async ({ log, state, resolver, index }) => {
    await resolveAll(resolver, log)
    const head = await log.head()
    const settings = { maxAgeMs: 1000 * HOUR, maxBytes: 1_000_000 }
    const tail = await enforceRetention({ log, state, index, settings, nowMs: 40 * HOUR, keepFrom: head })
    assert.ok(head - tail >= 1_000_000 && head - tail < 1_000_000 + 2 * 280_000, `${head - tail} bytes are kept`)
  })
})

test('keeps the log below the disk quota, whatever else is allowed, and what somebody has not read above it', async () => {
  await scene(async ({ log, state, resolver, index, offsets }) => {
    await resolveAll(resolver, log)
    const head = await log.head()
    const settings = { maxAgeMs: 1000 * HOUR, maxBytes: 2_000_000 }
    const run = { log, state, index, settings, nowMs: 40 * HOUR, quotaBytes: 1_000_000 }
    const tail = await enforceRetention({ ...run, keepFrom: offsets[9] ?? 0 })
    assert.ok(tail > 0 && tail <= (offsets[9] ?? 0), `the tail is ${tail}`)
    const after = await enforceRetention({ ...run, keepFrom: head })
    assert.ok(head - after >= 1_000_000 && head - after < 1_000_000 + 2 * 280_000, `${head - after} bytes are kept`)
  })
})

test('what the resolve stage stored is durable before the log is shortened', async () => {
  await scene(async ({ log, state, resolver, index }) => {
    await resolveAll(resolver, log)
    const tails: number[] = []
    state.sync = async () => void tails.push(await log.tail())
    const keepFrom = await log.head()
    const tail = await enforceRetention({ log, state, index, settings: { maxAgeMs: HOUR }, nowMs: 40 * HOUR, keepFrom })
    assert.ok(tail > 0)
    assert.deepEqual(tails, [0])
  })
})

test('a run that died after shortening the log is completed by the next one', async () => {
  await scene(async ({ log, state, resolver, index, offsets }) => {
    await resolveAll(resolver, log)
    const keepFrom = await log.head()
    const run = { log, index, settings: { maxAgeMs: 10 * HOUR }, nowMs: 40 * HOUR, keepFrom }
    const dying = Object.assign(Object.create(state) as MemoryStateStore, {
      counters: (prefix: string) => state.counters(prefix),
      cursor: (consumer: string) => state.cursor(consumer),
      get: (space: string, key: string[]) => state.get(space, key),
      scan: (space: string, options: object) => state.scan(space, options),
      floor: (space: string, key: number[]) => state.floor(space, key),
      transaction: async (write: Parameters<MemoryStateStore['transaction']>[0]) => {
        if ((await log.tail()) > 0) throw new Error('died')
        await state.transaction(write)
      },
    })
    await assert.rejects(enforceRetention({ ...run, state: dying }), /died/)
    assert.ok((await log.tail()) > 0)
    assert.equal(Math.min(...(await recordsOf(state)).keys()), offsets[0], 'records without blocks are left')
    assert.deepEqual((await verify(log, state)).problems, [])
    const tail = await enforceRetention({ ...run, state })
    assert.equal(Math.min(...(await recordsOf(state)).keys()), tail)
    assert.deepEqual((await verify(log, state)).problems, [])
  })
})

test('the resolve stage goes on after the log was shortened and the process restarted', async () => {
  await scene(async ({ log, state, resolver, index }) => {
    await resolveAll(resolver, log)
    const keepFrom = await log.head()
    await enforceRetention({ log, state, index, settings: { maxAgeMs: 10 * HOUR }, nowMs: 40 * HOUR, keepFrom })
    const again = await Resolver.open({
      log,
      state,
      index,
      fingerprinter: testFingerprinter,
      deduplication: () => ({ windowMs: 24 * HOUR, maxIds: 1e6 }),
      workspaceVersion: () => 1,
    })
    await log.append([blockOfRows([{ id: 'm39-0' }, { id: 'new' }], 41 * HOUR)])
    await resolveAll(again, log)
    assert.deepEqual((await recordsOf(state)).get(keepFrom), { workspaceVersion: 1, resolved: 1, duplicates: [0] })
    assert.deepEqual((await verify(log, state)).problems, [])
    assert.equal((await state.cursor(resolveState.consumer))?.block, await log.head())
  })
})

test('cursorSince gives the first block with a message of that time or later', async () => {
  await scene(async ({ log, state, resolver, offsets }) => {
    await resolveAll(resolver, log)
    for (const hour of [0, 1, 17, 39]) {
      assert.equal(await cursorSince(log, state, hour * HOUR), offsets[hour])
      assert.equal(await cursorSince(log, state, hour * HOUR - 1), offsets[hour])
    }
    assert.equal(await cursorSince(log, state, 39 * HOUR + 1), await log.head())
  })
})
