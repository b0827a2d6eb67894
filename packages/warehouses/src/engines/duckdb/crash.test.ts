import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { WarehouseSession } from '@millrace/component-kit'
import { select } from '../../conformance.ts'
import { loadFrom, perBlock } from './crash-parent.ts'
import { temporaryWarehouse } from './temporary-warehouse.ts'

const kills = 10

/** Numbers that look random and are the same in each run (a linear congruential generator). */
const numbersFrom = (seed: number) => () => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31

/** Rows are exactly those of the blocks before the cursor: none missing, none twice. */
const assertConsistent = async (session: WarehouseSession): Promise<number> => {
  const blocks = (await session.cursor())?.block ?? 0
  if (blocks === 0) {
    const tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'web_shop'"
    assert.deepEqual(await select(session, tables), [])
    return 0
  }
  const messages = blocks * perBlock
  const sql = `SELECT count(*), count(DISTINCT id), max(substr(id, 2)::bigint) FROM
    (SELECT id FROM web_shop.tracks UNION ALL SELECT id FROM web_shop.identifies)`
  assert.deepEqual(await select(session, sql), [[messages, messages, messages - 1]])
  const events = `SELECT count(*), count(DISTINCT id) FROM (SELECT id FROM web_shop.event_0 UNION ALL SELECT id FROM web_shop.event_1
    UNION ALL SELECT id FROM web_shop.event_2)`
  const tracks = (messages * 7) / 8
  assert.deepEqual(await select(session, events), [[tracks, tracks]])
  const newest = Array.from({ length: perBlock / 8 }, (_, i) => (blocks - 1) * perBlock + i * 8).toSorted(
    (a, b) => a - b,
  )
  assert.deepEqual(
    await select(session, 'SELECT last FROM web_shop.users ORDER BY last'),
    newest.map((n) => [n]),
  )
  return blocks
}

describe('a DuckDB warehouse under kill -9', () => {
  it('agrees with its cursor after its child was killed at any moment', { timeout: 120_000 }, async (t) => {
    const seed = 20240506
    t.diagnostic(`seed ${seed}`)
    const random = numbersFrom(seed)
    await using warehouse = await temporaryWarehouse()
    await using session = await warehouse.open()
    let blocks = 0
    for (let kill = 0; kill < kills; kill++) {
      const loading = assert.rejects(loadFrom(session, blocks), /SIGKILL/)
      await delay(20 + random() * 250)
      process.kill(session.pid ?? assert.fail('the session has no child'), 'SIGKILL')
      await loading
      blocks = await assertConsistent(session)
    }
    assert.equal(warehouse.warnings.length, kills)
    assert.ok(blocks > kills, `only ${blocks} blocks were loaded: the kills came too early to test anything`)
  })

  it('agrees with its cursor after a kill at every single call to the database', { timeout: 120_000 }, async () => {
    await using warehouse = await temporaryWarehouse()
    const program = import.meta.filename.replace('crash.test.ts', 'crash-at-statement.ts')
    for (let calls = 1; ; calls++) {
      assert.ok(calls < 100, 'the load never ends')
      const child = spawn(process.execPath, [program, warehouse.path, String(calls)], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      const [code] = (await once(child, 'close')) as [number | null]
      await using session = await warehouse.open()
      await assertConsistent(session)
      if (code === 0) return assert.ok(calls > 5, `the load made only ${calls} calls`)
      assert.equal(code, null)
    }
  })

  it('agrees with its cursor after its parent was killed at any moment', { timeout: 120_000 }, async () => {
    const random = numbersFrom(7)
    await using warehouse = await temporaryWarehouse()
    let blocks = 0
    for (let kill = 0; kill < 5; kill++) {
      const parent = startLoading(warehouse.baseDirectory)
      await once(parent.stdout ?? assert.fail('the parent has no output'), 'data')
      await delay(random() * 250)
      parent.kill('SIGKILL')
      await once(parent, 'close')
      // The child of the killed parent may still hold the file: opening waits for it.
      await using session = await warehouse.open()
      const now = await assertConsistent(session)
      assert.ok(now > blocks, 'nothing was loaded between two kills')
      blocks = now
    }
  })
})

/** The other file as a program: it loads blocks from the cursor on, until it is killed. */
const startLoading = (baseDirectory: string): ChildProcess =>
  spawn(process.execPath, [import.meta.filename.replace('.test.ts', '-parent.ts'), baseDirectory], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  })
