import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Json, JsonObject, Message } from '@millrace/protocol'
import * as fc from 'fast-check'
import { isSkipped } from './cell.ts'
import { ColumnNames } from './column-names.ts'
import { schemaName } from './reserved.ts'
import { type Row, RowLayout } from './rows.ts'

const names = new ColumnNames('segment', new Set(['order']))
const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const layout = new RowLayout(names)
const time = '2024-05-06T07:08:09.000Z'

const rowsOf = (message: JsonObject) =>
  layout.rowsOf({ messageId: 'm', timestamp: time, receivedAt: time, ...message } as unknown as Message, time)
const valuesOf = (row: Row | undefined): JsonObject =>
  Object.fromEntries((row?.cells ?? []).map((cell) => [cell.column, cell.value]))
const own = (properties: JsonObject) => {
  const { event } = rowsOf({ type: 'track', event: 'A', properties })
  const { id: _, received_at, timestamp, uuid_ts, event: __, event_text, ...values } = valuesOf(event)
  return { values, refused: event?.refused ?? [], received_at, timestamp, uuid_ts, event_text }
}

describe('rows of a message', () => {
  it('names the schema after the source, clear of the database (item 1)', () => {
    assert.equal(schemaName(names, 'Web Shop'), 'web_shop')
    assert.equal(schemaName(names, '***'), 'source')
    assert.equal(schemaName(names, 'pg_catalog'), '_pg_catalog')
  })

  it('has two rows with one id for a track (item 3)', () => {
    const { base, event } = rowsOf({ type: 'track', event: 'Order Completed', properties: { a: 1 } })
    assert.deepEqual([base.table, base.id, valuesOf(base)['a']], ['tracks', 'm', undefined])
    assert.deepEqual([event?.table, event?.id, valuesOf(event)['a']], ['order_completed', 'm', 1])
    assert.deepEqual([valuesOf(base)['event'], valuesOf(base)['event_text']], ['order_completed', 'Order Completed'])
  })

  it('says in tracks which standard event it is, and leaves table and properties as they were sent', () => {
    const properties = { event_category: 'own', orderId: 5 }
    const { base, event } = rowsOf({ type: 'track', event: 'Completed Order', properties })
    const { standard_event, event_category } = valuesOf(base)
    assert.deepEqual([standard_event, event_category], ['Order Completed', 'Ecommerce'])
    assert.equal(event?.table, 'completed_order')
    const { order_id, event_category: own, standard_event: none } = valuesOf(event)
    assert.deepEqual([order_id, own, none], [5, 'own', undefined])
    assert.equal(valuesOf(rowsOf({ type: 'track', event: 'Tea Brewed' }).base)['standard_event'], undefined)
  })

  it('has no event table for a name without letters, and keeps the properties aside (item 4)', () => {
    const { base, event } = rowsOf({ type: 'track', event: '$$$', properties: { a: 1 } })
    assert.equal(event, undefined)
    assert.deepEqual(
      base.refused.map(({ column, value }) => [column, value]),
      [['properties', '{"a":1}']],
    )
    assert.equal(valuesOf(base)['event_text'], '$$$')
  })

  it('puts _ before an event named like a table of ours or a reserved word (items 4 and 13)', () => {
    for (const name of [
      'users',
      'Identifies',
      'tracks',
      'pages',
      'screens',
      'aliases',
      'groups',
      'accounts',
      'order',
    ]) {
      assert.equal(rowsOf({ type: 'track', event: name }).event?.table, `_${name.toLowerCase()}`)
    }
  })

  it('has the common columns (item 6)', () => {
    const message = {
      anonymousId: 'a',
      userId: 'u',
      sentAt: time,
      originalTimestamp: time,
      channel: 'web',
      context: { ip: '1.2.3.4' },
    }
    const { base } = rowsOf({ type: 'page', ...message })
    assert.deepEqual(valuesOf(base), {
      id: 'm',
      anonymous_id: 'a',
      user_id: 'u',
      received_at: time,
      sent_at: time,
      timestamp: time,
      original_timestamp: time,
      uuid_ts: time,
      channel: 'web',
      context_ip: '1.2.3.4',
    })
  })

  it('has a row of users with id = userId and no anonymous_id, only with userId (item 8)', () => {
    const { user } = rowsOf({ type: 'identify', userId: 'u', anonymousId: 'a', traits: { name: 'Ann' } })
    const { id, anonymous_id, user_id, name } = valuesOf(user)
    assert.deepEqual([user?.table, id, anonymous_id, user_id, name], ['users', 'u', undefined, undefined, 'Ann'])
    assert.equal(rowsOf({ type: 'identify', anonymousId: 'a' }).user, undefined)
  })

  it('takes the name of a page from the top, else from the properties (item 9)', () => {
    assert.equal(valuesOf(rowsOf({ type: 'page', name: 'Top', properties: { name: 'Top' } }).base)['name'], 'Top')
    assert.equal(valuesOf(rowsOf({ type: 'page', properties: { name: 'Own' } }).base)['name'], 'Own')
    const both = valuesOf(rowsOf({ type: 'page', name: 'Top', properties: { name: 'Own' } }).base)
    assert.equal(both['name'], 'Top')
    assert.ok(Object.entries(both).some(([column, value]) => /^name_[0-9a-f]{4}$/.test(column) && value === 'Own'))
  })

  it('flattens context with, properties and traits without prefix (item 10)', () => {
    const { base } = rowsOf({
      type: 'group',
      groupId: 'g',
      traits: { address: { street: 's' } },
      context: { a: { B: 1 } },
    })
    const { address_street, context_a_b, group_id } = valuesOf(base)
    assert.deepEqual([address_street, context_a_b, group_id], ['s', 1, 'g'])
  })

  it('takes traits of an identify from both places, and those of the context also as context_traits_* (item 10)', () => {
    const { base } = rowsOf({ type: 'identify', userId: 'u', traits: { a: 1 }, context: { traits: { a: 2, b: 3 } } })
    const { a, b, context_traits_a, context_traits_b } = valuesOf(base)
    assert.deepEqual([a, b, context_traits_a, context_traits_b], [1, 3, 2, 3])
  })

  it('gives a second key with the same column a suffix that stays the same (item 12)', () => {
    const columns = () => Object.keys(own({ userName: 1, user_name: 2, 'user-name': 3 }).values)
    const [first, second, third] = columns()
    assert.equal(first, 'user_name')
    assert.match(String(second), /^user_name_[0-9a-f]{4}$/)
    assert.match(String(third), /^user_name_[0-9a-f]{4}$/)
    assert.equal(new Set(columns()).size, 3)
    assert.deepEqual(columns(), columns())
  })

  it('keeps a property aside that has the name of a reserved column (item 14)', () => {
    const { values, refused } = own({ id: 'x', receivedAt: 'y', event: 'z', fine: 1 })
    assert.deepEqual(values, { fine: 1 })
    assert.deepEqual(
      refused.map(({ column, value }) => [column, value]),
      [
        ['id', 'x'],
        ['received_at', 'y'],
        ['event', 'z'],
      ],
    )
  })

  it('puts _ before a column that is a reserved word (item 13)', () => {
    assert.deepEqual(own({ order: 1 }).values, { _order: 1 })
  })

  it('skips what is empty at any depth (item 15)', () => {
    assert.deepEqual(own({ a: null, b: '', c: [], d: {}, e: { f: null, g: 0 } }).values, { e_g: 0 })
  })

  it('takes keys such as __proto__ for ordinary keys', () => {
    const properties = JSON.parse('{"__proto__":{"toString":1},"constructor":2,"hasOwnProperty":3}') as JsonObject
    assert.deepEqual(own(properties).values, { proto_to_string: 1, constructor: 2, has_own_property: 3 })
  })

  it('has every property that is not empty as a cell or as a refused value, none silently lost', () => {
    const leaf = fc.oneof(fc.constantFrom(null, '', 0), fc.integer(), fc.string(), fc.constant([1]))
    const { tree } = fc.letrec<{ tree: JsonObject }>((tie) => ({
      tree: fc.dictionary(
        fc.string({ maxLength: 3 }),
        fc.oneof({ maxDepth: 3 }, leaf as fc.Arbitrary<Json>, tie('tree')),
        {
          noNullPrototype: true,
        },
      ),
    }))
    const leaves = (value: Json): number =>
      isSkipped(value) ? 0 : isObject(value) ? Object.values(value).reduce<number>((sum, v) => sum + leaves(v), 0) : 1
    fc.assert(
      fc.property(tree, (properties) => {
        const { base, event } = rowsOf({ type: 'track', event: 'A', properties })
        const cells = event?.cells ?? []
        assert.equal(cells.length - base.cells.length + (event?.refused.length ?? 0), leaves(properties))
        assert.equal(new Set(cells.map(({ column }) => column)).size, cells.length)
      }),
    )
  })

  it('keeps a time aside that is none', () => {
    const { base } = rowsOf({ type: 'page', originalTimestamp: 'last week' })
    assert.deepEqual(
      base.refused.map(({ column, value }) => [column, value]),
      [['original_timestamp', 'last week']],
    )
  })
})
