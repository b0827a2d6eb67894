import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { it } from 'node:test'
import { ChildProgram, randomFromEnvironment, removeFolder, temporaryFolder } from '@millrace/testkit'
import { SqliteStateStore } from './sqlite-state-store.ts'
import { ENTRIES, entryOf } from './testing/kill-entry.ts'

const ROUNDS = 15
const program = new URL('./testing/commit-until-killed.ts', import.meta.url)

it('has every acknowledged commit, whole, after each of many kills', async () => {
  const random = randomFromEnvironment('kills of the state store')
  const folder = await temporaryFolder()
  const path = join(folder, 'state.db')
  let block = 0
  try {
    for (let round = 0; round < ROUNDS; round++) {
      let acknowledged = block
      await using child = new ChildProgram(program, [path])
      for (let wanted = 1 + random.integer(60); wanted > 0; wanted--) {
        const line = await child.line()
        assert.ok(line !== undefined, `the committing process ended by itself: ${child.errors}`)
        acknowledged = Number(line)
      }
      await after(random.integer(4))
      const rest = (await child.kill()).map(Number).filter((number) => number > acknowledged)
      // The last line may have been cut off; a beginning of its digits is then a smaller number.
      acknowledged = Math.max(acknowledged, ...rest.slice(0, -1))

      await using store = SqliteStateStore.open({ path })
      block = (await store.cursor('steps'))?.block ?? 0
      assert.ok(block >= acknowledged, `commit ${acknowledged} was acknowledged, but the cursor is at ${block}`)
      assert.deepEqual(Object.fromEntries(await store.counters('')), { steps: block, sum: (block * (block + 1)) / 2 })
      const entries = await store.scan('entries', { limit: 1_000_000 })
      assert.equal(entries.length, block * ENTRIES)
      for (const [index, { key, value }] of entries.entries()) {
        const [commit, entry] = [1 + Math.floor(index / ENTRIES), index % ENTRIES]
        assert.deepEqual(key, [commit, entry])
        assert.ok(entryOf(commit, entry).equals(value), `entry ${commit}/${entry} is torn`)
      }
    }
    assert.ok(block >= ROUNDS, `only ${block} commits`)
  } finally {
    await removeFolder(folder)
  }
})
