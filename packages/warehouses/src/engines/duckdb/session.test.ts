import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { identify, select, track } from '../../conformance.ts'
import { warehouses } from '../../index.ts'
import { temporaryWarehouse } from './temporary-warehouse.ts'

const limits = { maxRows: 100, timeoutMs: 10_000 }
const endless = 'SELECT count(*) FROM range(1000000000000) a, range(1000000) b WHERE a.range % 7 = b.range % 11'

describe('a DuckDB session', () => {
  it('is opened by the registered definition', async () => {
    await using warehouse = await temporaryWarehouse()
    const context = { destinationId: 'd', baseDirectory: warehouse.baseDirectory, warn: () => {} }
    await using session = await warehouses.duckdb.open({ path: 'a/b.duckdb', naming: 'segment' }, context)
    assert.equal(await session.cursor(), undefined)
  })

  it('starts its child again after that died, and says so', async () => {
    await using warehouse = await temporaryWarehouse()
    await using session = await warehouse.open()
    await session.load([track('m1', 1, 'A')], { block: 1, index: 0 })
    const query = session.query(endless, limits)
    process.kill(session.pid ?? assert.fail('no child'), 'SIGKILL')
    await assert.rejects(query, /SIGKILL/)
    assert.deepEqual(await session.cursor(), { block: 1, index: 0 })
    assert.equal(warehouse.warnings.length, 1)
  })

  it('stops a query at its time limit, and goes on with the same child', async () => {
    await using warehouse = await temporaryWarehouse()
    await using session = await warehouse.open()
    const { pid } = session
    await assert.rejects(session.query(endless, { maxRows: 1, timeoutMs: 100 }), /longer than 100 ms/)
    assert.deepEqual(await select(session, 'SELECT 1'), [[1]])
    assert.equal(session.pid, pid)
  })

  it('opens no file, setting, extension or other database to a query', async () => {
    await using warehouse = await temporaryWarehouse()
    await using session = await warehouse.open()
    const forbidden = [
      "SELECT * FROM read_text('/etc/hostname')",
      "SELECT * FROM '/etc/hostname'",
      "COPY (SELECT 1) TO 'x.csv'",
      "EXPLAIN ANALYZE COPY (SELECT 1) TO 'x.csv'",
      'EXPLAIN ANALYZE DELETE FROM main._millrace_cursor',
      "ATTACH ':memory:' AS other",
      'SET threads = 8',
      'INSTALL httpfs',
      'CHECKPOINT',
    ]
    for (const sql of forbidden) await assert.rejects(session.query(sql, limits), Error, sql)
  })

  it('answers DESCRIBE, SHOW, EXPLAIN, WITH and PRAGMA table_info', async () => {
    await using warehouse = await temporaryWarehouse()
    await using session = await warehouse.open()
    await session.load([track('m1', 1, 'A')], { block: 1, index: 0 })
    const reading = [
      'DESCRIBE web_shop.a',
      'SHOW ALL TABLES',
      'EXPLAIN SELECT 1',
      'explain analyze SELECT 1',
      'WITH a AS (SELECT 1) FROM a',
    ]
    for (const sql of [...reading, "PRAGMA table_info('web_shop.a')"]) {
      assert.notEqual((await session.query(sql, limits)).rows.length, 0, sql)
    }
  })

  it('has whole numbers, times in UTC, and no other type but those of the contract (item 17)', async () => {
    await using warehouse = await temporaryWarehouse()
    await using session = await warehouse.open()
    await session.load([track('m1', 1, 'A', { t: '2024-05-06T07:08:09+02:00', i: 1, d: 0.5, b: true, s: 'x' })], {
      block: 1,
      index: 0,
    })
    assert.deepEqual(
      await select(session, 'SELECT t, typeof(t), typeof(i), typeof(d), typeof(b), typeof(s) FROM web_shop.a'),
      [['2024-05-06 05:08:09', 'TIMESTAMP', 'BIGINT', 'DOUBLE', 'BOOLEAN', 'VARCHAR']],
    )
  })

  it('refuses a file that is in use, is no database, or is closed, with a reason', { timeout: 60_000 }, async () => {
    await using warehouse = await temporaryWarehouse()
    const session = await warehouse.open()
    await assert.rejects(warehouse.open(), /in use by another process/)
    await session[Symbol.asyncDispose]()
    await assert.rejects(session.cursor(), /is closed/)
    await writeFile(warehouse.path, 'this is no database, only text that is long enough to be read as a header of one')
    await assert.rejects(warehouse.open(), /not a valid DuckDB database/i)
  })

  it('names by the RudderStack rule when that is set (item 11)', async () => {
    await using warehouse = await temporaryWarehouse('rudderstack')
    await using session = await warehouse.open()
    await session.load([identify('i', 1, 'u', { HTTPServer: 'x' })], { block: 1, index: 0 })
    assert.deepEqual(await select(session, 'SELECT http_server FROM web_shop.users'), [['x']])
  })

  it('serves calls that were made at once in their order', async () => {
    await using warehouse = await temporaryWarehouse()
    await using session = await warehouse.open()
    const loads = [1, 2, 3].map((n) => session.load([track(`m${n}`, n, 'A')], { block: n, index: 0 }))
    const cursor = session.cursor()
    await Promise.all(loads)
    assert.deepEqual(await cursor, { block: 3, index: 0 })
  })
})
