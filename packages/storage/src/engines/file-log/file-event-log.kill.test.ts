import assert from 'node:assert/strict'
import { setTimeout as after } from 'node:timers/promises'
import { it } from 'node:test'
import { ChildProgram, randomFromEnvironment, readAll, removeFolder, temporaryFolder } from '@millrace/testkit'
import { FileEventLog } from './file-event-log.ts'
import { killBlock, nameOf } from './testing/kill-block.ts'

const ROUNDS = 15
const program = new URL('./testing/append-until-killed.ts', import.meta.url)

it('has every acknowledged block, and no torn one, after each of many kills', async () => {
  const random = randomFromEnvironment('kills of the file log')
  const directory = await temporaryFolder()
  const acknowledged = new Map<number, Buffer>()
  try {
    for (let round = 0; round < ROUNDS; round++) {
      await using child = new ChildProgram(program, [directory, `${random.seed}`, `${round}`])
      const lines: string[] = []
      for (let wanted = 1 + random.integer(60); lines.length < wanted;) {
        const line = await child.line()
        assert.ok(line !== undefined, `the appending process ended by itself: ${child.errors}`)
        lines.push(line)
      }
      // Somewhere within the next appends, whichever those are.
      await after(random.integer(4))
      lines.push(...(await child.kill()))
      for (const line of lines) {
        const match = /^(\d+) (\d+)$/.exec(line)
        if (match) acknowledged.set(Number(match[2]), killBlock(random.seed, round, Number(match[1])))
      }

      await using log = await FileEventLog.open({ directory, segmentBytes: 256 * 1024 })
      const blocks = await readAll(log, undefined, 1024 * 1024)
      const expectedNext = new Map<number, number>()
      for (const { bytes } of blocks) {
        const { round: from, number } = nameOf(bytes)
        assert.equal(number, expectedNext.get(from) ?? 0, `round ${from} has a gap or a copy`)
        expectedNext.set(from, number + 1)
        assert.ok(bytes.equals(killBlock(random.seed, from, number)), `block ${from}/${number} is torn`)
      }
      const found = new Map(blocks.map(({ offset, bytes }) => [offset, bytes]))
      for (const [offset, block] of acknowledged) {
        assert.ok(found.get(offset)?.equals(block), `the block acknowledged at ${offset} is not there`)
      }
    }
    assert.ok(acknowledged.size > ROUNDS * 10, `only ${acknowledged.size} blocks were acknowledged`)
  } finally {
    await removeFolder(directory)
  }
})
