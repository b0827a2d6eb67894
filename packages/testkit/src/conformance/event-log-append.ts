import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LogUnavailableError } from '@millrace/storage'
import { seededRandom } from '../random.ts'
import { withLog } from './event-log-driver.ts'
import type { EventLogDriver } from './event-log-driver.ts'
import { readAll } from './read-all.ts'
import { isSkip, itWith } from './skip.ts'

export const testAppending = <Place>(driver: EventLogDriver<Place>): void => {
  describe('append', () => {
    it('gives back blocks of every size, byte for byte', () =>
      withLog(driver, async (log) => {
        const random = seededRandom(1)
        const sizes = [0, 1, 3, 4095, 4096, 4097, 65_536, 5 * 1024 * 1024, 0, 17]
        const blocks = sizes.map((size) => random.bytes(size))
        const offsets: number[] = []
        for (const block of blocks) offsets.push(...(await log.append([block])))
        const read = await readAll(log)
        assert.deepEqual(
          read.map((block) => block.offset),
          offsets,
        )
        for (const [index, block] of blocks.entries()) {
          assert.ok(read[index]?.bytes.equals(block), `the block of ${block.length} bytes came back different`)
        }
      }))

    it('takes several blocks in one call, in order', () =>
      withLog(driver, async (log) => {
        const blocks = ['a', 'b', 'c'].map((text) => Buffer.from(text))
        const offsets = await log.append(blocks)
        assert.equal(offsets.length, 3)
        assert.deepEqual(
          (await readAll(log)).map(({ offset, bytes }) => [offset, bytes.toString()]),
          [...offsets].map((offset, index) => [offset, blocks[index]?.toString()]),
        )
      }))

    it('takes an append of no blocks as done', () =>
      withLog(driver, async (log) => {
        await log.append([Buffer.from('first')])
        const head = await log.head()
        assert.deepEqual(await log.append([]), [])
        assert.equal(await log.head(), head)
      }))

    it('takes thousands of blocks in one call', () =>
      withLog(driver, async (log) => {
        const offsets = await log.append(Array.from({ length: 3000 }, (_, index) => Buffer.from(`block ${index}`)))
        assert.equal(offsets.length, 3000)
        assert.deepEqual(
          (await readAll(log)).map(({ bytes }) => bytes.toString()),
          Array.from({ length: 3000 }, (_, index) => `block ${index}`),
        )
      }))

    it('keeps overlapping appends in the order of the calls', () =>
      withLog(driver, async (log) => {
        const calls = Array.from({ length: 300 }, (_, call) =>
          log.append(Array.from({ length: 1 + (call % 3) }, (_, block) => Buffer.from(`${call}.${block}`))),
        )
        const offsets = (await Promise.all(calls)).flat()
        assert.deepEqual(
          offsets,
          [...new Set(offsets)].sort((a, b) => a - b),
          'the offsets grow',
        )
        const expected = calls.flatMap((_, call) =>
          Array.from({ length: 1 + (call % 3) }, (_, block) => `${call}.${block}`),
        )
        assert.deepEqual(
          (await readAll(log)).map(({ bytes }) => bytes.toString()),
          expected,
        )
      }))

    it('stores two equal blocks twice: duplicates are not the business of the log', () =>
      withLog(driver, async (log) => {
        const block = Buffer.from('the same')
        const [first] = await log.append([block])
        const [second] = await log.append([block])
        assert.ok((first as number) < (second as number))
        assert.deepEqual(
          (await readAll(log)).map(({ bytes }) => bytes.toString()),
          ['the same', 'the same'],
        )
      }))

    it('has readable blocks and a moved head as soon as the append resolves', () =>
      withLog(driver, async (log) => {
        for (let index = 0; index < 20; index++) {
          const head = await log.head()
          const [offset] = await log.append([Buffer.from(`${index}`)])
          assert.equal(offset, head)
          const [block] = await log.read(offset, 1)
          assert.equal(block?.bytes.toString(), `${index}`)
          assert.equal(block?.next, await log.head())
        }
      }))

    const fail = driver.failNextAppend
    itWith(fail, 'leaves nothing of a failed append, and the next one succeeds', (fail) =>
      withLog(driver, async (log, place) => {
        for (const size of [10, 9000, 10]) {
          await log.append([Buffer.from('before')])
          const head = await log.head()
          fail(place, log)
          await assert.rejects(log.append([Buffer.alloc(size, 'lost'), Buffer.from('lost')]), LogUnavailableError)
          assert.equal(await log.head(), head)
          assert.deepEqual(await log.read(head, 1000), [])
          assert.deepEqual(await log.append([Buffer.from('after')]), [head])
        }
        const read = await readAll(log)
        assert.deepEqual(
          read.map(({ bytes }) => bytes.toString()),
          ['before', 'after', 'before', 'after', 'before', 'after'],
        )
      }),
    )

    itWith(
      isSkip(driver.survivesRestart) ? driver.survivesRestart : fail,
      'leaves nothing of a failed append after a restart either',
      (fail) =>
        withLog(driver, async (first, place) => {
          await first.append([Buffer.from('before')])
          fail(place, first)
          await assert.rejects(first.append([Buffer.from('lost')]), LogUnavailableError)
          await first[Symbol.asyncDispose]()
          await using log = await driver.open(place)
          await log.append([Buffer.from('after')])
          assert.deepEqual(
            (await readAll(log)).map(({ bytes }) => bytes.toString()),
            ['before', 'after'],
          )
        }),
    )

    itWith(driver.survivesRestart, 'has the same blocks after a restart', () =>
      withLog(driver, async (first, place) => {
        const random = seededRandom(2)
        const blocks = Array.from({ length: 40 }, () => random.bytes(random.integer(3000)))
        await first.append(blocks)
        const [tail, head] = [await first.tail(), await first.head()]
        const before = await readAll(first)
        await first[Symbol.asyncDispose]()
        await using log = await driver.open(place)
        assert.deepEqual([await log.tail(), await log.head()], [tail, head])
        assert.deepEqual(await readAll(log), before)
        assert.deepEqual(await log.append([Buffer.from('more')]), [head])
      }),
    )

    it('refuses an append once it is closed', () =>
      withLog(driver, async (log) => {
        await log[Symbol.asyncDispose]()
        await assert.rejects(log.append([Buffer.from('late')]), LogUnavailableError)
      }))

    itWith(driver.survivesRestart, 'finishes the appends that were called before it is closed', () =>
      withLog(driver, async (first, place) => {
        const calls = Array.from({ length: 20 }, (_, call) => first.append([Buffer.from(`${call}`)]))
        await first[Symbol.asyncDispose]()
        const offsets = (await Promise.all(calls)).flat()
        await using log = await driver.open(place)
        assert.deepEqual(
          (await readAll(log)).map(({ offset }) => offset),
          offsets,
        )
      }),
    )
  })
}
