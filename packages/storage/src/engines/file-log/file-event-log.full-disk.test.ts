import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { readAll, withSmallDisk } from '@millrace/testkit'
import { LogUnavailableError } from '../../event-log.ts'
import type { Offset } from '../../event-log.ts'
import { FileEventLog } from './file-event-log.ts'

const MEGABYTE = 1024 * 1024

for (const segmentBytes of [200_000, 16 * MEGABYTE]) {
  it(`goes on when a full disk has space again (segments of ${segmentBytes} bytes)`, (context) =>
    withSmallDisk(
      2 * MEGABYTE,
      (reason) => context.skip(reason),
      async (folder) => {
        const directory = join(folder, 'log')
        const filler = join(folder, 'filler')
        await writeFile(filler, Buffer.alloc(MEGABYTE / 2))
        const stored = new Map<Offset, Buffer>()
        {
          await using log = await FileEventLog.open({ directory, segmentBytes })
          let number = 0
          /** Appends blocks until one fails; overlapping ones of several sizes, so that a group is torn midway. */
          const appendUntilFull = async (): Promise<number> => {
            for (let round = 0; round < 1000; round++) {
              const blocks = [100, 30_000, 5000].map((bytes) => Buffer.alloc(bytes, `${number++} `))
              const results = await Promise.allSettled(blocks.map((block) => log.append([block])))
              for (const [index, result] of results.entries()) {
                if (result.status === 'fulfilled') stored.set(result.value[0] as Offset, blocks[index] as Buffer)
                else assert.ok(result.reason instanceof LogUnavailableError, `${result.reason}`)
              }
              if (results.some(({ status }) => status === 'rejected')) return stored.size
            }
            throw new Error('the small disk never became full')
          }
          const whenFull = await appendUntilFull()
          assert.ok(whenFull > 20)
          // Once more: a failure changes nothing.
          const head = await log.head()
          await assert.rejects(log.append([Buffer.alloc(MEGABYTE)]), LogUnavailableError)
          assert.equal(await log.head(), head)
          await rm(filler)
          assert.ok((await appendUntilFull()) > whenFull + 10, 'the freed space is used')
        }
        await using log = await FileEventLog.open({ directory, segmentBytes })
        assert.deepEqual(new Map((await readAll(log)).map(({ offset, bytes }) => [offset, bytes])), stored)
      },
    ))
}
