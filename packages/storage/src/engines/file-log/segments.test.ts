import assert from 'node:assert/strict'
import { readdir, readlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { readAll, removeFolder, temporaryFolder } from '@millrace/testkit'
import { LogUnavailableError } from '../../event-log.ts'
import { FileEventLog } from './file-event-log.ts'
import { FRAME_HEADER_BYTES } from './frame.ts'

const inFolder = async (use: (directory: string) => Promise<void>): Promise<void> => {
  const directory = await temporaryFolder()
  try {
    await use(directory)
  } finally {
    await removeFolder(directory)
  }
}
const files = async (directory: string): Promise<string[]> =>
  (await readdir(directory)).filter((name) => name.endsWith('.log')).sort()

describe('FileEventLog', () => {
  it('begins a new segment when the last one is full, and removes those before a truncation', () =>
    inFolder(async (directory) => {
      await using log = await FileEventLog.open({ directory, segmentBytes: 1000 })
      for (let index = 0; index < 10; index++) await log.append([Buffer.alloc(500 - FRAME_HEADER_BYTES)])
      assert.deepEqual(await files(directory), [
        '0000000000000000.log',
        '0000000000001000.log',
        '0000000000002000.log',
        '0000000000003000.log',
        '0000000000004000.log',
      ])
      assert.equal(await log.truncate(2999), 2000)
      assert.equal((await files(directory)).length, 3)
      assert.equal(await log.truncate(5000), 4000, 'the last segment stays')
    }))

  it('takes the size of a segment as it is at that moment', () =>
    inFolder(async (directory) => {
      let segmentBytes = 1000
      await using log = await FileEventLog.open({ directory, segmentBytes: () => segmentBytes })
      for (let index = 0; index < 3; index++) await log.append([Buffer.alloc(1000)])
      assert.equal((await files(directory)).length, 3)
      segmentBytes = 1_000_000
      for (let index = 0; index < 3; index++) await log.append([Buffer.alloc(1000)])
      assert.equal((await files(directory)).length, 3)
      segmentBytes = 1
      await log.append([Buffer.alloc(1000)])
      assert.equal((await files(directory)).length, 4)
    }))

  it('holds no removed segment open, so that its space is free at once', async (context) => {
    if (process.platform !== 'linux') {
      context.skip('only Linux lists the open files of a process in /proc')
      return
    }
    await inFolder(async (directory) => {
      await using log = await FileEventLog.open({ directory, segmentBytes: 3_000_000 })
      // More than the log keeps in memory, so that reading opens the first segment.
      for (let index = 0; index < 10; index++) await log.append([Buffer.alloc(2_000_000)])
      await log.read(0, 1)
      const open = async (): Promise<string[]> => {
        const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''))
        return (await Promise.all(links)).filter((path) => path.startsWith(directory))
      }
      assert.ok((await open()).some((path) => path.includes('0000000000000000.log')))
      await log.truncate(await log.head())
      assert.deepEqual(
        (await open()).filter((path) => path.includes('(deleted)')),
        [],
      )
    })
  })

  it('is not acknowledged before it is synced, and the calls that waited share one sync', { timeout: 10_000 }, () =>
    inFolder(async (directory) => {
      let syncs = 0
      let release = (): void => {}
      let begun = Promise.withResolvers<void>()
      const sync = async (handle: FileHandle): Promise<void> => {
        syncs++
        begun.resolve()
        await new Promise<void>((resolve) => {
          release = resolve
        })
        await handle.datasync()
      }
      await using log = await FileEventLog.open({ directory, sync })
      let acknowledged = 0
      const append = async (): Promise<void> => {
        await log.append([Buffer.from('block')])
        acknowledged++
      }
      const first = append()
      await begun.promise
      begun = Promise.withResolvers()
      const others = Array.from({ length: 50 }, append)
      assert.deepEqual([acknowledged, await log.head()], [0, 0])
      release()
      await first
      assert.equal(acknowledged, 1)
      await begun.promise
      release()
      await Promise.all(others)
      assert.deepEqual([acknowledged, syncs], [51, 2])
    }),
  )

  it('has nothing to read when an append that began a segment failed and all before it was removed', () =>
    inFolder(async (directory) => {
      let fail = false
      const sync = async (handle: FileHandle): Promise<void> => {
        if (fail) throw new Error('EIO')
        await handle.datasync()
      }
      await using log = await FileEventLog.open({ directory, segmentBytes: 100, sync })
      await log.append([Buffer.alloc(200)])
      const head = await log.head()
      fail = true
      await assert.rejects(log.append([Buffer.from('lost')]), LogUnavailableError)
      assert.equal(await log.truncate(head), head)
      assert.deepEqual(await log.read(0, 1000), [])
      fail = false
      assert.deepEqual(await log.append([Buffer.from('next')]), [head])
      assert.deepEqual(
        (await readAll(log)).map(({ bytes }) => bytes.toString()),
        ['next'],
      )
    }))

  it('refuses to read after its head', () =>
    inFolder(async (directory) => {
      await using log = await FileEventLog.open({ directory })
      await assert.rejects(log.read(1, 1000), RangeError)
    }))
})
