import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SinkCursor, WarehouseMessage, WarehouseSession } from '@millrace/component-kit'
import type { JsonObject, Message } from '@millrace/protocol'

/** One warehouse for one test: `open` opens it, again and again, with what was loaded before. */
export interface WarehouseUnderTest extends AsyncDisposable {
  open(): Promise<WarehouseSession>
}

export const sourceName = 'Web Shop'
const limits = { maxRows: 1000, timeoutMs: 20_000 }

/** A message of the source, received `second` seconds after a fixed time. */
export const messageOf = (
  type: Message['type'],
  id: string,
  second: number,
  more: JsonObject = {},
): WarehouseMessage => {
  const time = new Date(Date.UTC(2024, 4, 6) + second * 1000).toISOString()
  const message = {
    type,
    messageId: id,
    userId: 'u1',
    timestamp: time,
    receivedAt: time,
    ...more,
  } as unknown as Message
  return { schema: sourceName, message }
}
export const track = (id: string, second: number, event: string, properties: JsonObject = {}): WarehouseMessage =>
  messageOf('track', id, second, { event, properties })
export const identify = (id: string, second: number, userId: string, traits: JsonObject): WarehouseMessage =>
  messageOf('identify', id, second, { userId, traits })

const at = (block: number, index = 0): SinkCursor => ({ block, index })

/** The rows of a query. */
export const select = async (session: WarehouseSession, sql: string) => (await session.query(sql, limits)).rows

/**
 * What every warehouse engine must do, in the terms of the warehouse contract; the SQL here is the part that all of them
 * understand. An engine's test file calls this once, and adds only what is its own.
 */
export const testWarehouse = (engine: string, create: () => Promise<WarehouseUnderTest>): void => {
  const scenario = (name: string, run: (session: WarehouseSession, warehouse: WarehouseUnderTest) => Promise<void>) => {
    it(name, { timeout: 60_000 }, async () => {
      await using warehouse = await create()
      await using session = await warehouse.open()
      await run(session, warehouse)
    })
  }

  describe(`the ${engine} warehouse`, () => {
    scenario('has no cursor before the first load, and gives the cursor of the last one', async (session) => {
      assert.equal(await session.cursor(), undefined)
      await session.load([track('m1', 1, 'A')], at(3, 7))
      assert.deepEqual(await session.cursor(), at(3, 7))
      await session.load([], at(4))
      assert.deepEqual(await session.cursor(), at(4))
    })

    scenario('keeps rows and cursor when it is opened again', async (session, warehouse) => {
      await session.load([track('m1', 1, 'A')], at(1))
      await session[Symbol.asyncDispose]()
      await using again = await warehouse.open()
      assert.deepEqual(await again.cursor(), at(1))
      assert.deepEqual(await select(again, 'SELECT id FROM web_shop.tracks'), [['m1']])
    })

    scenario('writes two rows for a track, the properties only to the table of the event (item 3)', async (session) => {
      const result = await session.load([track('m1', 1, 'Order Completed', { total: 9.5 })], at(1))
      assert.deepEqual(result, { rows: 2, dropped: 0 })
      const columns = 'id, user_id, event, event_text'
      const row = ['m1', 'u1', 'order_completed', 'Order Completed']
      assert.deepEqual(await select(session, `SELECT ${columns} FROM web_shop.tracks`), [row])
      const standard = await select(session, 'SELECT standard_event, event_category FROM web_shop.tracks')
      assert.deepEqual(standard, [['Order Completed', 'Ecommerce']])
      assert.deepEqual(await select(session, `SELECT ${columns}, total FROM web_shop.order_completed`), [[...row, 9.5]])
      await assert.rejects(select(session, 'SELECT total FROM web_shop.tracks'))
    })

    scenario('writes each type of message to its table (item 2)', async (session) => {
      await session.load(
        [
          messageOf('page', 'p', 1, { name: 'Home', properties: { path: '/' } }),
          messageOf('screen', 's', 2, { name: 'Main' }),
          messageOf('group', 'g', 3, { groupId: 'g1', traits: { plan: 'x' } }),
          messageOf('alias', 'a', 4, { previousId: 'old' }),
          identify('i', 5, 'u9', { name: 'Ann' }),
        ],
        at(1),
      )
      assert.deepEqual(await select(session, 'SELECT id, name, path FROM web_shop.pages'), [['p', 'Home', '/']])
      assert.deepEqual(await select(session, 'SELECT id, name FROM web_shop.screens'), [['s', 'Main']])
      assert.deepEqual(await select(session, 'SELECT group_id, plan FROM web_shop.groups'), [['g1', 'x']])
      assert.deepEqual(await select(session, 'SELECT previous_id, user_id FROM web_shop.aliases'), [['old', 'u1']])
      assert.deepEqual(await select(session, 'SELECT user_id, name FROM web_shop.identifies'), [['u9', 'Ann']])
      assert.deepEqual(await select(session, 'SELECT id, name FROM web_shop.users'), [['u9', 'Ann']])
    })

    scenario('keeps the newest value of each column of a user, and null erases nothing (item 8)', async (session) => {
      await session.load([identify('i1', 1, 'a', { name: 'Ann', age: 30 })], at(1))
      await session.load([identify('i3', 3, 'a', { name: null, age: 32 }), identify('i2', 2, 'a', { age: 31 })], at(2))
      assert.deepEqual(await select(session, 'SELECT id, name, age FROM web_shop.users'), [['a', 'Ann', 32]])
      await session.load(
        [identify('i0', 0, 'a', { name: 'Old', city: 'Ulm' }), identify('j', 4, 'b', { age: 1 })],
        at(3),
      )
      const users = await select(session, 'SELECT id, name, age, city FROM web_shop.users ORDER BY id')
      assert.deepEqual(users, [
        ['a', 'Ann', 32, 'Ulm'],
        ['b', null, 1, null],
      ])
      assert.deepEqual(await select(session, 'SELECT count(*) FROM web_shop.identifies'), [[5]])
    })

    scenario('writes no user without userId (item 8)', async (session) => {
      const message = messageOf('identify', 'i', 1, { traits: { a: 1 } })
      delete message.message.userId
      message.message.anonymousId = 'anon'
      assert.deepEqual(await session.load([message], at(1)), { rows: 1, dropped: 0 })
      await assert.rejects(select(session, 'SELECT * FROM web_shop.users'))
    })

    scenario('adds a column at its first value, in a table with rows too (items 15 and 20)', async (session) => {
      await session.load([track('m1', 1, 'A', { a: 1, n: null, e: '' })], at(1))
      await assert.rejects(select(session, 'SELECT n FROM web_shop.a'))
      await session.load([track('m2', 2, 'A', { a: 2, n: true })], at(2))
      assert.deepEqual(await select(session, 'SELECT id, a, n FROM web_shop.a ORDER BY id'), [
        ['m1', 1, null],
        ['m2', 2, true],
      ])
    })

    scenario('widens whole numbers to fractions, also in a stored column (item 19)', async (session) => {
      await session.load([track('m1', 1, 'A', { p: 1, q: 1 }), track('m2', 2, 'A', { p: 1.5 })], at(1))
      await session.load([track('m3', 3, 'A', { q: 2.5 })], at(2))
      assert.deepEqual(await select(session, 'SELECT p, q FROM web_shop.a ORDER BY id'), [
        [1, 1],
        [1.5, null],
        [null, 2.5],
      ])
    })

    scenario(
      'keeps a value that does not fit its column in _dropped, and the row without it (item 19)',
      async (session) => {
        await session.load([track('m1', 1, 'A', { p: 1, ok: 'x' })], at(1))
        const result = await session.load([track('m2', 2, 'A', { p: 'much', ok: 'y' })], at(2))
        assert.deepEqual(result, { rows: 2, dropped: 1 })
        assert.deepEqual(await select(session, 'SELECT p, ok FROM web_shop.a ORDER BY id'), [
          [1, 'x'],
          [null, 'y'],
        ])
        const dropped = 'SELECT table_name, row_id, column_name, value, reason FROM web_shop._dropped'
        assert.deepEqual(await select(session, dropped), [['a', 'm2', 'p', 'much', 'varchar does not fit bigint']])
      },
    )

    scenario('loads a message once, in one load and across loads (item 22)', async (session) => {
      const [first, second] = [track('m1', 1, 'A', { a: 1 }), identify('i1', 2, 'u', { a: 1 })]
      assert.deepEqual(await session.load([first, first, second], at(1)), { rows: 4, dropped: 0 })
      assert.deepEqual(await session.load([first, second, track('m2', 3, 'A')], at(2)), { rows: 2, dropped: 0 })
      assert.deepEqual(await select(session, 'SELECT id FROM web_shop.tracks ORDER BY id'), [['m1'], ['m2']])
      assert.deepEqual(await select(session, 'SELECT id FROM web_shop.a ORDER BY id'), [['m1'], ['m2']])
      assert.deepEqual(await select(session, 'SELECT id FROM web_shop.identifies'), [['i1']])
    })

    scenario('finds a loaded message after it was opened again (item 22)', async (session, warehouse) => {
      await session.load([track('m1', 1, 'A')], at(1))
      await session[Symbol.asyncDispose]()
      await using again = await warehouse.open()
      assert.equal((await again.load([track('m1', 1, 'A')], at(2))).rows, 0)
    })

    scenario('loads what is hard to store, or drops it with a reason', async (session) => {
      const properties = JSON.parse(
        '{"__proto__":"p","constructor":{"a":1},"":"empty","$$$":"signs","big":123456789012345678901234567890,"safe":9007199254740991,' +
          '"over":9007199254740993,"huge":1e308,"inf":1e400,"lone":"\\ud800","nul":"a\\u0000b","zero":0,"no":false,' +
          '"order":"word","userName":"one","user_name":"two","id":"mine","list":[1,{"a":[]}],"none":[],"nothing":{}}',
      ) as JsonObject
      properties['long'] = 'x'.repeat(2_000_000)
      properties['deep'] = JSON.parse(`${'{"a":'.repeat(90)}1${'}'.repeat(90)}`)
      const result = await session.load([track('m1', 1, '__proto__', properties)], at(1))
      assert.equal(result.rows, 2)
      const [row] = await select(
        session,
        'SELECT proto, constructor_a, zero, no, user_name, list, length(long) FROM web_shop.proto',
      )
      assert.deepEqual(row, ['p', 1, 0, false, 'one', '[1,{"a":[]}]', 2_000_000])
      const dropped = await select(session, 'SELECT column_name, value FROM web_shop._dropped ORDER BY value')
      assert.deepEqual(dropped, [
        ['', 'empty'],
        ['id', 'mine'],
        ['$$$', 'signs'],
      ])
    })

    scenario('puts values beyond the widest table into _unmapped (item 21)', async (session) => {
      const properties = Object.fromEntries(Array.from({ length: 1700 }, (_, index) => [`p${index}`, index]))
      assert.deepEqual(await session.load([track('m1', 1, 'Wide', properties)], at(1)), { rows: 2, dropped: 0 })
      const [row] = await select(session, 'SELECT p0, p1000, _unmapped FROM web_shop.wide')
      assert.deepEqual(row?.slice(0, 2), [0, 1000])
      assert.equal((JSON.parse(String(row?.[2])) as JsonObject)['p1699'], 1699)
    })

    scenario('changes nothing when a load fails', async (session) => {
      await session.load([track('m1', 1, 'A')], at(1))
      await assert.rejects(session.load([track('m2', 2, 'A', { x: 1 })], { block: 1.5, index: 0 }))
      assert.deepEqual(await session.cursor(), at(1))
      assert.deepEqual(await select(session, 'SELECT id FROM web_shop.tracks'), [['m1']])
      await session.load([track('m2', 2, 'A', { x: 1 })], at(2))
      assert.deepEqual(await select(session, 'SELECT x FROM web_shop.a ORDER BY id'), [[null], [1]])
    })

    scenario('answers a query with names, plain values, and whether there is more', async (session) => {
      const sql =
        "SELECT 1 AS a, 'b' AS b, NULL AS c, 9007199254740993 AS d, 0.5::decimal(5, 2) AS e, TIMESTAMP '2024-05-06 07:08:09' AS f"
      const row = [1, 'b', null, '9007199254740993', '0.50', '2024-05-06 07:08:09']
      const expected = { columns: ['a', 'b', 'c', 'd', 'e', 'f'], rows: [row], truncated: false }
      assert.deepEqual(await session.query(sql, limits), expected)
      await session.load([track('m1', 1, 'A'), track('m2', 2, 'A')], at(1))
      const cut = await session.query('SELECT id FROM web_shop.tracks ORDER BY id', { ...limits, maxRows: 1 })
      assert.deepEqual(cut, { columns: ['id'], rows: [['m1']], truncated: true })
    })

    scenario('refuses a query that is no single reading statement', async (session) => {
      await session.load([track('m1', 1, 'A')], at(1))
      for (const sql of [
        'DELETE FROM web_shop.tracks',
        'DROP TABLE web_shop.a',
        'SELECT 1; SELECT 2',
        'CREATE TABLE t (a int)',
        'COMMIT',
        '',
        'nonsense',
      ]) {
        await assert.rejects(session.query(sql, limits), sql)
      }
      assert.deepEqual(await select(session, 'SELECT id FROM web_shop.a'), [['m1']])
    })
  })
}
