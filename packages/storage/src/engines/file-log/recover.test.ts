import assert from 'node:assert/strict'
import { appendFile, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { readAll, removeFolder, seededRandom, temporaryFolder } from '@millrace/testkit'
import { LogCorruptError } from '../../event-log.ts'
import type { Offset } from '../../event-log.ts'
import { FileEventLog } from './file-event-log.ts'
import { FRAME_HEADER_BYTES } from './frame.ts'
import { segmentPath } from './segments.ts'

/** What the head file holds when the log is durable up to `head`. */
const headBytes = (head: Offset): Buffer => {
  const bytes = Buffer.alloc(16)
  bytes.writeDoubleLE(head, 0)
  bytes.writeDoubleLE(head, 8)
  return bytes
}

const textsOf = async (log: FileEventLog): Promise<string[]> =>
  (await readAll(log)).map(({ bytes }) => bytes.toString())

describe('a log whose last write was torn', () => {
  const last = Buffer.from('the last block, never acknowledged')
  let directory = ''
  let file = ''
  let head = 0
  let whole = Buffer.alloc(0)

  before(async () => {
    directory = await temporaryFolder()
    file = segmentPath(directory, 0)
    await using log = await FileEventLog.open({ directory })
    await log.append([Buffer.from('first'), Buffer.from('second')])
    head = await log.head()
    await log.append([last])
    whole = await readFile(file)
  })
  after(() => removeFolder(directory))

  /** Puts the log into the state before the last append was acknowledged, with `bytes` as its only segment. */
  const opened = async (bytes: Buffer, warnings: string[] = []): Promise<FileEventLog> => {
    await writeFile(file, bytes)
    await writeFile(join(directory, 'head'), headBytes(head))
    return FileEventLog.open({ directory, warn: (message) => warnings.push(message) })
  }

  it('is cut back to the blocks before it, wherever the write ended', async () => {
    for (let length = head; length < whole.length; length++) {
      const warnings: string[] = []
      await using log = await opened(whole.subarray(0, length), warnings)
      assert.equal(await log.head(), head, `cut to ${length} bytes`)
      assert.deepEqual(await textsOf(log), ['first', 'second'])
      assert.equal((await readFile(file)).length, head)
      assert.equal(warnings.length, length === head ? 0 : 1)
      assert.deepEqual(await log.append([Buffer.from('next')]), [head])
      assert.deepEqual(await textsOf(log), ['first', 'second', 'next'])
    }
  })

  it('is cut back to the blocks before it, whichever byte is wrong', async () => {
    for (let at = head; at < whole.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const garbled = Buffer.from(whole)
        garbled[at] = (garbled[at] as number) ^ flip
        await using log = await opened(garbled)
        assert.deepEqual(await textsOf(log), ['first', 'second'], `byte ${at - head} of the frame ^ ${flip}`)
        assert.equal(await log.head(), head)
      }
    }
  })

  it('is cut back to the blocks before it when the pages were never written', async () => {
    for (let kept = head; kept < whole.length; kept++) {
      const zeros = Buffer.concat([whole.subarray(0, kept), Buffer.alloc(whole.length - kept)])
      await using log = await opened(zeros)
      assert.deepEqual(await textsOf(log), ['first', 'second'], `zeros after ${kept} bytes`)
    }
  })

  it('keeps a whole block that was written but not yet acknowledged', async () => {
    await using log = await opened(whole)
    assert.deepEqual(await textsOf(log), ['first', 'second', last.toString()])
    assert.deepEqual((await readFile(join(directory, 'head'))).readDoubleLE(0), whole.length)
  })

  it('is cut back when anything follows the last block', async () => {
    const random = seededRandom(5)
    for (let round = 0; round < 50; round++) {
      await using log = await opened(Buffer.concat([whole, random.bytes(1 + random.integer(100))]))
      assert.deepEqual(await textsOf(log), ['first', 'second', last.toString()])
    }
  })
})

describe('a log whose acknowledged blocks are damaged', () => {
  const withSegments = async (
    use: (directory: string, segments: Offset[], head: Offset) => Promise<void>,
  ): Promise<void> => {
    const directory = await temporaryFolder()
    try {
      let head = 0
      {
        await using log = await FileEventLog.open({ directory, segmentBytes: 2048 })
        for (let index = 0; index < 20; index++) await log.append([Buffer.alloc(500, index)])
        head = await log.head()
      }
      const names = (await readdir(directory)).filter((name) => name.endsWith('.log')).sort()
      assert.ok(names.length >= 4)
      await use(
        directory,
        names.map((name) => Number.parseInt(name, 10)),
        head,
      )
    } finally {
      await removeFolder(directory)
    }
  }
  const open = (directory: string): Promise<FileEventLog> => FileEventLog.open({ directory, segmentBytes: 2048 })
  const flip = async (path: string, at: number): Promise<void> => {
    const bytes = await readFile(path)
    bytes[at] = (bytes[at] as number) ^ 0xff
    await writeFile(path, bytes)
  }

  it('refuses to open when a block of the last segment is wrong, and names the file', () =>
    withSegments(async (directory, segments) => {
      const path = segmentPath(directory, segments.at(-1) as Offset)
      await flip(path, FRAME_HEADER_BYTES + 3)
      const before = await readFile(path)
      await assert.rejects(open(directory), (error) => error instanceof LogCorruptError && error.message.includes(path))
      assert.deepEqual(await readFile(path), before, 'the file is left as it was found')
    }))

  it('refuses to open when the last segment is shorter than what was acknowledged', () =>
    withSegments(async (directory, segments, head) => {
      const last = segments.at(-1) as Offset
      await truncate(segmentPath(directory, last), head - last - 1)
      await assert.rejects(open(directory), LogCorruptError)
    }))

  it('refuses to open when a segment in the middle, the last one, or all are missing', async () => {
    const missing: ((segments: Offset[]) => Offset[])[] = [
      (segments) => segments.slice(1, 2),
      (segments) => segments.slice(-1),
      (segments) => segments,
    ]
    for (const choose of missing) {
      await withSegments(async (directory, segments) => {
        for (const base of choose(segments)) await rm(segmentPath(directory, base))
        await assert.rejects(open(directory), LogCorruptError)
      })
    }
  })

  it('refuses to open when a segment in the middle is longer or shorter than it was', async () => {
    await withSegments(async (directory, segments) => {
      await appendFile(segmentPath(directory, segments[1] as Offset), 'x')
      await assert.rejects(open(directory), LogCorruptError)
    })
    await withSegments(async (directory, segments) => {
      await truncate(segmentPath(directory, segments[1] as Offset), 100)
      await assert.rejects(open(directory), LogCorruptError)
    })
  })

  it('gives the blocks before a damaged one of an older segment, and fails at it', () =>
    withSegments(async (directory, segments) => {
      const [, base] = segments as [Offset, Offset]
      const second = base + FRAME_HEADER_BYTES + 500
      await flip(segmentPath(directory, base), second - base + FRAME_HEADER_BYTES)
      await using log = await open(directory)
      assert.deepEqual(
        (await log.read(base, 100_000)).map(({ offset }) => offset),
        [base],
      )
      await assert.rejects(log.read(second, 100_000), LogCorruptError)
      assert.equal((await log.read(segments[2] as Offset, 1))[0]?.offset, segments[2])
    }))

  it('fails to read, rather than wait, when a file lost its end while the log is open', () =>
    withSegments(async (directory, segments) => {
      await using log = await open(directory)
      const base = segments.at(-2) as Offset
      await truncate(segmentPath(directory, base), FRAME_HEADER_BYTES + 100)
      await assert.rejects(log.read(base, 1), LogCorruptError)
      await truncate(segmentPath(directory, base), 0)
      await assert.rejects(log.read(base, 1), LogCorruptError)
    }))
})
