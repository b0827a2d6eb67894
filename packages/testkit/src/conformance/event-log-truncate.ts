import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EventLog } from '@millrace/storage'
import { ChildProgram } from '../child-program.ts'
import type { LogReadAnswer } from './answer-log-reads.ts'
import { withLog } from './event-log-driver.ts'
import type { EventLogDriver } from './event-log-driver.ts'
import { readAll } from './read-all.ts'
import { itWith } from './skip.ts'

/** Enough blocks for several segments of a few KB. */
const fill = async (log: EventLog, count = 60): Promise<void> => {
  for (let index = 0; index < count; index++) await log.append([Buffer.alloc(1000, `${index} `)])
}

export const testTruncating = <Place>(driver: EventLogDriver<Place>): void => {
  describe('truncate', () => {
    it('removes nothing at or after the given offset, and reads go on at the new tail', () =>
      withLog(driver, async (log) => {
        await fill(log)
        const whole = await readAll(log)
        let tail = await log.tail()
        for (const at of [0, 1, 20, 21, 45, 59]) {
          const before = whole[at]?.offset as number
          const foretold = await log.truncationPoint(before)
          assert.equal(await log.tail(), tail, 'asking moves nothing')
          const moved = await log.truncate(before)
          assert.equal(moved, foretold)
          assert.ok(moved <= before, `the tail ${moved} is after ${before}`)
          assert.ok(moved >= tail, 'the tail never goes back')
          tail = moved
          assert.equal(await log.tail(), tail)
          const left = whole.filter(({ offset }) => offset >= tail)
          assert.equal(left[0]?.offset, tail, 'the tail is a block')
          assert.deepEqual(await readAll(log), left)
        }
        assert.ok(tail > (whole[0]?.offset as number), 'something was removed')
      }))

    it('starts a reader that was overtaken at the tail', () =>
      withLog(driver, async (log) => {
        await fill(log)
        const first = await log.tail()
        const [slow] = await log.read(first, 1)
        const tail = await log.truncate(await log.head())
        assert.ok(tail > (slow?.next as number), 'the slow reader was overtaken')
        for (const from of [first, slow?.next as number]) {
          const [block] = await log.read(from, 1)
          if (tail === (await log.head())) assert.equal(block, undefined)
          else assert.equal(block?.offset, tail)
        }
      }))

    it('has nothing before its tail when everything was removed, and takes appends after it', () =>
      withLog(driver, async (log) => {
        await fill(log)
        const head = await log.head()
        const foretold = await log.truncationPoint(head)
        assert.equal(await log.truncate(head), foretold)
        const [offset] = await log.append([Buffer.from('next')])
        assert.equal(offset, head)
        assert.equal((await readAll(log)).at(-1)?.bytes.toString(), 'next')
      }))

    it('takes overlapping calls, and appends and reads beside them', () =>
      withLog(driver, async (log) => {
        await fill(log)
        const whole = await readAll(log)
        const [, , ...reads] = await Promise.all([
          Promise.all(whole.map(({ offset }) => log.truncate(offset))),
          fill(log, 20),
          ...whole.map(({ offset }) => log.read(offset, 1)),
        ])
        for (const [index, [block]] of reads.entries()) {
          assert.ok((block?.offset as number) >= (whole[index]?.offset as number))
        }
        const last = await readAll(log)
        assert.equal(last.at(-1)?.bytes.toString('utf8', 0, 3), '19 ')
      }))

    itWith(driver.survivesRestart, 'keeps its tail and head after a restart', () =>
      withLog(driver, async (first, place) => {
        await fill(first)
        const whole = await readAll(first)
        const tail = await first.truncate(whole[40]?.offset as number)
        const head = await first.head()
        await first[Symbol.asyncDispose]()
        await using log = await driver.open(place)
        assert.deepEqual([await log.tail(), await log.head()], [tail, head])
        assert.deepEqual(
          await readAll(log),
          whole.filter(({ offset }) => offset >= tail),
        )
      }),
    )

    const reader = driver.readerProgram
    itWith(reader, 'lets a reader in another process go on with what is left', (reader) =>
      withLog(driver, async (log, place) => {
        await fill(log)
        const whole = await readAll(log)
        await using child = new ChildProgram(reader.program, [reader.argument(place)])
        const ask = async (from: number) => JSON.parse(await child.ask(`${from} 1`)) as LogReadAnswer
        assert.equal((await ask(whole[0]?.offset as number)).blocks[0]?.offset, whole[0]?.offset)
        const tail = await log.truncate(whole[50]?.offset as number)
        // It may still hold what it has open; from a place that it has not, it goes on at the tail.
        assert.equal((await ask(whole[20]?.offset as number)).blocks[0]?.offset, tail)
        assert.equal((await ask(whole[20]?.offset as number)).tail, tail)
        for (const { offset } of whole.filter(({ offset }) => offset >= tail)) {
          assert.equal((await ask(offset)).blocks[0]?.offset, offset)
        }
      }),
    )
  })
}
