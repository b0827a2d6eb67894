import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ChildProgram } from '../child-program.ts'
import { seededRandom } from '../random.ts'
import type { LogReadAnswer } from './answer-log-reads.ts'
import { withLog } from './event-log-driver.ts'
import type { EventLogDriver } from './event-log-driver.ts'
import { readAll } from './read-all.ts'
import { itWith } from './skip.ts'

export const testReading = <Place>(driver: EventLogDriver<Place>): void => {
  describe('read', () => {
    it('has its tail at its head, and no blocks, when it is empty', () =>
      withLog(driver, async (log) => {
        const head = await log.head()
        assert.equal(await log.tail(), head)
        assert.deepEqual(await log.read(head, 1000), [])
      }))

    it('brings nothing at the head', () =>
      withLog(driver, async (log) => {
        await log.append([Buffer.from('one')])
        assert.deepEqual(await log.read(await log.head(), 1000), [])
      }))

    it('brings one block that is larger than the limit, and several only when they fit', () =>
      withLog(driver, async (log) => {
        const random = seededRandom(3)
        await log.append(Array.from({ length: 60 }, () => random.bytes(random.integer(900))))
        const whole = await readAll(log)
        for (const maxBytes of [0, 1, 100, 900, 2000, 10_000, 1_000_000]) {
          assert.deepEqual(await readAll(log, undefined, maxBytes), whole, `read ${maxBytes} bytes at a time`)
          for (const { offset } of whole) {
            const blocks = await log.read(offset, maxBytes)
            const bytes = blocks.reduce((sum, block) => sum + block.bytes.length, 0)
            assert.ok(blocks.length === 1 || bytes <= maxBytes, `${bytes} bytes for a limit of ${maxBytes}`)
          }
        }
        assert.ok((await log.read(await log.tail(), 2500)).length > 1, 'small blocks come together')
      }))

    it('goes on from the `next` of any block', () =>
      withLog(driver, async (log) => {
        await log.append(Array.from({ length: 30 }, (_, index) => Buffer.alloc(index * 20, index)))
        const whole = await readAll(log)
        for (const [index, block] of whole.entries()) {
          assert.equal(block.next, whole[index + 1]?.offset ?? (await log.head()))
          assert.deepEqual(await readAll(log, block.next), whole.slice(index + 1))
        }
      }))

    it('answers overlapping reads of different places', () =>
      withLog(driver, async (log) => {
        await log.append(Array.from({ length: 50 }, (_, index) => Buffer.alloc(500, index)))
        const whole = await readAll(log)
        const reads = await Promise.all(whole.map(({ offset }) => log.read(offset, 1)))
        assert.deepEqual(
          reads.map((blocks) => blocks[0]),
          whole,
        )
      }))

    it('keeps what it has read unchanged while the log goes on', () =>
      withLog(driver, async (log) => {
        await log.append([Buffer.from('kept')])
        const [block] = await log.read(await log.tail(), 1000)
        await log.append(Array.from({ length: 50 }, () => Buffer.alloc(500, 'x')))
        await readAll(log)
        assert.equal(block?.bytes.toString(), 'kept')
      }))

    it('gives a reader beside a writer whole blocks, in order, without a gap', () =>
      withLog(driver, async (log) => {
        const count = 400
        const random = seededRandom(4)
        const blocks = Array.from({ length: count }, () => random.bytes(random.integer(2000)))
        const writing = (async () => {
          for (let index = 0; index < count; index += 4) await log.append(blocks.slice(index, index + 4))
        })()
        let seen = 0
        let next = await log.tail()
        let empty = 0
        while (seen < count) {
          const some = await log.read(next, 10_000)
          for (const block of some) {
            assert.equal(block.offset, next)
            assert.ok(block.bytes.equals(blocks[seen] as Buffer), `block ${seen} came back different`)
            next = block.next
            seen++
          }
          if (some.length === 0) {
            assert.ok(++empty < 1_000_000, 'the reader never saw the end')
            await new Promise(setImmediate)
          }
        }
        await writing
      }))

    const reader = driver.readerProgram
    itWith(reader, 'shows a reader in another process all that is durable', (reader) =>
      withLog(driver, async (log, place) => {
        await log.append([Buffer.from('before it started')])
        await using child = new ChildProgram(reader.program, [reader.argument(place)])
        const texts: string[] = []
        let next = await log.tail()
        for (let round = 0; round < 30; round++) {
          await log.append([Buffer.alloc(1000, `${round} `), Buffer.from(`round ${round}`)])
          const head = await log.head()
          while (next < head) {
            const answer = JSON.parse(await child.ask(`${next} 3000`)) as LogReadAnswer
            assert.equal(answer.head, head)
            assert.equal(answer.tail, await log.tail())
            assert.ok(answer.blocks.length > 0)
            for (const block of answer.blocks) {
              assert.equal(block.offset, next)
              next = block.next
              texts.push(Buffer.from(block.base64, 'base64').toString())
            }
          }
        }
        assert.deepEqual(
          texts,
          (await readAll(log)).map(({ bytes }) => bytes.toString()),
        )
      }),
    )
  })
}
