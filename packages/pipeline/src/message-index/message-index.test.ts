import assert from 'node:assert/strict'
import { readdir, rename, truncate, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Block, compareCursors } from '@millrace/storage'
import type { Cursor, LogReader } from '@millrace/storage'
import { MemoryEventLog, removeFolder, temporaryFolder } from '@millrace/testkit'
import { blockOfRows, testFingerprinter } from '../testing/block-of-rows.ts'
import { MessageFinder } from './message-finder.ts'
import { MessageIndexWriter } from './message-index-writer.ts'

const inFolder = async (use: (directory: string) => Promise<void>): Promise<void> => {
  const directory = await temporaryFolder()
  try {
    await use(directory)
  } finally {
    await removeFolder(directory)
  }
}

/** A log of small blocks with ids that come back now and then, and where each id is. */
const logOf = async (
  blocks: readonly (readonly number[])[],
): Promise<{ log: MemoryEventLog; places: Map<string, Cursor[]> }> => {
  const log = new MemoryEventLog()
  const places = new Map<string, Cursor[]>()
  for (const [block, ids] of blocks.entries()) {
    await log.append([blockOfRows([{ rejected: 'too_deep' }, ...ids.map((id) => ({ id: `m${id}` }))])])
    for (const [at, id] of ids.entries()) {
      const name = `m${id}`
      places.set(name, [...(places.get(name) ?? []), { block, index: at + 1 }])
    }
  }
  return { log, places }
}

const open = (directory: string, log: LogReader, upTo: number, entriesPerFile = 5): Promise<MessageIndexWriter> =>
  MessageIndexWriter.open({ directory, log, upTo, entriesPerFile })

const assertFindsAll = async (directory: string, log: LogReader, places: Map<string, Cursor[]>): Promise<void> => {
  const tail = await log.tail()
  const finder = new MessageFinder(directory, log, testFingerprinter)
  for (const [id, expected] of places) {
    assert.deepEqual(await finder.find(id), expected.filter(({ block }) => block >= tail).sort(compareCursors), id)
  }
  assert.deepEqual(await finder.find('never sent'), [])
}

/** What may happen to the folder while nobody looks, to the file that is picked. */
const damages = ['none', 'removed', 'torn', 'emptied', 'not renamed'] as const

const damage = async (directory: string, kind: (typeof damages)[number], pick: number): Promise<void> => {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.idx'))
  const name = names[pick % Math.max(1, names.length)]
  if (name === undefined || kind === 'none') return
  const path = join(directory, name)
  if (kind === 'removed') await unlink(path)
  else if (kind === 'torn') await truncate(path, 20 * (1 + (pick % 4)))
  else if (kind === 'emptied') await truncate(path, 0)
  else await rename(path, `${path}.new`)
}

test('every id is found: in files, behind them, across gaps, torn files, restarts and retention', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.nat(30), { maxLength: 4 }), { minLength: 1, maxLength: 25 }),
      fc.array(fc.record({ at: fc.nat(25), kind: fc.constantFrom(...damages), pick: fc.nat(10) }), { maxLength: 3 }),
      fc.nat(25),
      async (blocks, restarts, tail) => {
        await inFolder(async (directory) => {
          const { log, places } = await logOf(blocks)
          let writer = await open(directory, log, 0)
          for (const [offset] of blocks.entries()) {
            for (const { at, kind, pick } of restarts) {
              if (at !== offset) continue
              await writer.close()
              await damage(directory, kind, pick)
              writer = await open(directory, log, offset)
            }
            const [stored] = await log.read(offset, 1)
            writer.add(offset, new Block((stored as { bytes: Buffer }).bytes))
            await writer.advance(offset + 1)
          }
          await writer.close()
          await assertFindsAll(directory, log, places)
          await writer.removeBefore(await log.truncate(tail))
          await assertFindsAll(directory, log, places)
        })
      },
    ),
    { numRuns: 60 },
  )
})

test('writes files of the asked size and finds in them without reading the log', async () => {
  await inFolder(async (directory) => {
    const { log, places } = await logOf(Array.from({ length: 400 }, (_, block) => [block * 2, block * 2 + 1]))
    const writer = await open(directory, log, 400, 300)
    await writer.close()
    assert.equal((await readdir(directory)).length, 2)
    assert.ok(writer.unsealedFrom > 300)
    let blocksRead = 0
    const counting: LogReader = {
      tail: () => log.tail(),
      head: () => log.head(),
      read: async (from, maxBytes) => {
        const blocks = await log.read(from, maxBytes)
        blocksRead += blocks.length
        return blocks
      },
      [Symbol.asyncDispose]: async () => {},
    }
    const finder = new MessageFinder(directory, counting, testFingerprinter)
    for (const id of ['m0', 'm1', 'm199']) assert.deepEqual(await finder.find(id), places.get(id))
    assert.ok(blocksRead <= 3 * (400 - writer.unsealedFrom + 1), `${blocksRead} blocks were read`)
  })
})

test('a block that is resolved a second time after a power failure is found once', async () => {
  await inFolder(async (directory) => {
    const { log, places } = await logOf([[1, 2, 3], [4, 5, 6], [7]])
    await (await open(directory, log, 2, 1)).close()
    const writer = await open(directory, log, 0, 1)
    for (const { offset, next, bytes } of await log.read(0, 1e6)) {
      writer.add(offset, new Block(bytes))
      await writer.advance(next)
    }
    await writer.close()
    await assertFindsAll(directory, log, places)
  })
})

test('a file that cannot be written is said once and leaves a gap that lookups scan', async () => {
  await inFolder(async (directory) => {
    const { log, places } = await logOf([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    const warnings: string[] = []
    const writer = await MessageIndexWriter.open({
      directory,
      log,
      upTo: 0,
      entriesPerFile: 1,
      warn: (message) => warnings.push(message),
    })
    for (const { offset, next, bytes } of await log.read(0, 1e6)) {
      if (offset === 1) await rename(directory, `${directory}-gone`)
      writer.add(offset, new Block(bytes))
      await writer.advance(next)
      await writer.close()
      if (offset === 1) await rename(`${directory}-gone`, directory)
    }
    assert.equal(warnings.length, 1)
    assert.match(warnings[0] ?? '', /could not write the message index from 1 to 2: .*ENOENT/)
    await assertFindsAll(directory, log, places)
  })
})

test('opening removes what a kill between write and rename left', async () => {
  await inFolder(async (directory) => {
    const { log, places } = await logOf([[1, 2], [3]])
    await writeFile(join(directory, '0000000000000000-0000000000000001.idx.new'), 'half')
    await (await open(directory, log, 1, 1)).close()
    assert.deepEqual(await readdir(directory), ['0000000000000000-0000000000000001.idx'])
    await assertFindsAll(directory, log, places)
  })
})

test('retention removes only files that lie wholly before the tail', async () => {
  await inFolder(async (directory) => {
    const { log } = await logOf([[1], [2], [3], [4], [5], [6]])
    const writer = await open(directory, log, 6, 2)
    await writer.close()
    const before = await readdir(directory)
    await writer.removeBefore(4)
    assert.deepEqual(
      await readdir(directory),
      before.filter((name) => Number(name.slice(17, 33)) > 4),
    )
    assert.ok(before.length > 1)
  })
})
