import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resolveState } from '@millrace/storage'
import type { LogBlock } from '@millrace/storage'
import { MemoryEventLog, VirtualClock } from '@millrace/testkit'
import { ResolvedFeed } from './resolved-feed.ts'
import { Scene, until } from './testing/scene.ts'

const pollMs = { busy: 1, idle: 1 }

test('gives resolved blocks only, in order, and nothing at the resolve cursor', async () => {
  const scene = new Scene()
  await scene.add([{ id: 'a' }, { id: 'b', duplicate: true }], [{ id: 'c' }])
  await scene.append([{ id: 'd' }])
  const feed = scene.newFeed()
  const blocks = await feed.read(0)
  assert.deepEqual(
    blocks.map(({ offset }) => offset),
    [0, 1],
  )
  assert.deepEqual([blocks[0]?.isResolved(0), blocks[0]?.isResolved(1)], [true, false])
  assert.deepEqual(await feed.read(2), [])
  await scene.resolveAll()
  assert.equal((await feed.read(2)).length, 1)
})

test('a block without a record is an error that names it, not a block without duplicates', async () => {
  const scene = new Scene()
  await scene.add([{ id: 'a' }], [{ id: 'b' }])
  await scene.resolve.transaction((tx) => tx.delete(resolveState.resolutions, [0]))
  await assert.rejects(scene.newFeed().read(0), /block 0 is before the resolve cursor 2 but has no resolution record/)
})

class CountingLog extends MemoryEventLog {
  reads = 0
  override read(from: number, maxBytes: number): Promise<readonly LogBlock[]> {
    this.reads++
    return super.read(from, maxBytes)
  }
}

test('many readers near the head share one read and one parse; memory is bounded', async () => {
  const scene = new Scene()
  for (let block = 0; block < 40; block++) await scene.add([{ id: `m${block}` }])
  const log = new CountingLog()
  for (const { bytes } of await scene.log.read(0, 1e9)) await log.append([bytes])
  const blockBytes = (await log.read(0, 1))[0]?.bytes.length ?? 0
  log.reads = 0
  const feed = new ResolvedFeed({
    log,
    resolveState: scene.resolve,
    readBytes: 5 * blockBytes,
    cacheBytes: 10 * blockBytes,
  })
  const [first, second] = await Promise.all([feed.read(0), feed.read(0)])
  assert.equal(log.reads, 1)
  assert.equal(first[0], second[0])
  assert.equal((await feed.read(2))[0], first[2], 'from the middle of what is kept')
  for (let at = 0; at < 40;) at = (await feed.read(at)).at(-1)?.next ?? 40
  log.reads = 0
  await feed.read(0)
  assert.equal(log.reads, 1, 'what was read long ago is not kept')
})

test('one that reads through a backlog does not push out what is at the head', async () => {
  const scene = new Scene()
  for (let block = 0; block < 40; block++) await scene.add([{ id: `m${block}` }])
  const log = new CountingLog()
  for (const { bytes } of await scene.log.read(0, 1e9)) await log.append([bytes])
  const blockBytes = (await log.read(0, 1))[0]?.bytes.length ?? 0
  const cacheBytes = 12 * blockBytes
  const feed = new ResolvedFeed({ log, resolveState: scene.resolve, readBytes: 5 * blockBytes, cacheBytes })
  await feed.read(36)
  for (let at = 0; at < 30;) at = (await feed.read(at)).at(-1)?.next ?? 40
  log.reads = 0
  assert.equal((await feed.read(36)).length, 4)
  assert.equal(log.reads, 0, 'the head is still kept')
  await feed.read(26)
  assert.equal(log.reads, 0, 'those that lag together share what they read')
})

test('wakes who waits, though somebody else asked for the cursor in between', async () => {
  const scene = new Scene()
  await scene.add([{ id: 'a' }])
  const feed = new ResolvedFeed({ log: scene.log, resolveState: scene.resolve, pollMs: { busy: 20, idle: 20 } })
  const { signal } = new AbortController()
  let woken = 0
  const waiting = [feed.waitFor(1, signal), feed.waitFor(1, signal), feed.waitFor(2, signal)].map((wait) =>
    wait.then(() => woken++),
  )
  await new Promise(setImmediate)
  await scene.add([{ id: 'b' }])
  assert.equal(await feed.end(), 2)
  await until(() => woken === 2, 'the two that wait for block 1')
  await scene.add([{ id: 'c' }])
  await feed.end()
  await Promise.all(waiting)
  feed.close()
})

test('a wait that is aborted while it asks for the cursor ends too', async () => {
  const scene = new Scene()
  const feed = new ResolvedFeed({ log: scene.log, resolveState: scene.resolve, pollMs })
  const controller = new AbortController()
  const waiting = feed.waitFor(0, controller.signal)
  controller.abort()
  await waiting
  feed.close()
})

test('a wait ends when it is aborted, and rejects when the feed is closed', async () => {
  const scene = new Scene()
  const feed = new ResolvedFeed({ log: scene.log, resolveState: scene.resolve, pollMs })
  const controller = new AbortController()
  const aborted = feed.waitFor(0, controller.signal)
  await new Promise(setImmediate)
  controller.abort()
  await aborted
  const closed = assert.rejects(feed.waitFor(0, new AbortController().signal), /is closed/)
  await new Promise(setImmediate)
  feed.close()
  await closed
})

test('who waits for what it wants is not woken for anything else, until a quarter of a second has passed', async () => {
  const scene = new Scene()
  await scene.add([{ id: 'a' }])
  const clock = new VirtualClock()
  const feed = new ResolvedFeed({ log: scene.log, resolveState: scene.resolve, pollMs, clock })
  const { signal } = new AbortController()
  const startMs = clock.now()
  const woken: string[] = []
  const wait = (name: string, event: string): void =>
    void feed
      .waitFor(1, signal, ({ block }) => block.dictionary.events.includes(event))
      .finally(() => woken.push(`${name} ${clock.now() - startMs}`))
  const pass = async (ms: number): Promise<void> => {
    let isOver = false
    clock.setTimeout(() => {
      isOver = true
    }, ms)
    await clock.run(() => isOver, ms)
  }
  wait('patient', 'Never')
  wait('wanting', 'Wanted')
  await pass(50)
  await scene.add([{ id: 'b', event: 'Other' }])
  await pass(50)
  assert.deepEqual(woken, [])
  await scene.add([{ id: 'c', event: 'Wanted' }])
  await pass(10)
  assert.deepEqual(woken, ['wanting 100'])
  await pass(500)
  assert.deepEqual(woken, ['wanting 100', 'patient 250'])
  feed.close()
})
