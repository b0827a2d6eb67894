import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cellOf } from './cell.ts'
import type { Row } from './rows.ts'
import { maxChangesPerLoad, maxColumns, TableBatch } from './table-batch.ts'

const row = (values: Record<string, string | number | boolean>): Row => ({
  table: 't',
  id: 'm',
  receivedAt: 0n,
  cells: Object.entries(values).map(([column, value]) => cellOf(column, value)),
  refused: [],
})

describe('a batch of rows for one table', () => {
  it('gives a new column the type of its first value (item 16)', () => {
    const batch = new TableBatch([])
    assert.deepEqual(batch.add(row({ a: 'x' })), [])
    assert.deepEqual(batch.add(row({ a: 1, b: true })), [])
    assert.deepEqual(
      batch.columns.map(({ name, type, isNew }) => [name, type, isNew]),
      [
        ['a', 'varchar', true],
        ['b', 'boolean', true],
      ],
    )
    assert.deepEqual(batch.rows, [['x'], ['1', true]])
  })

  it('widens whole numbers only, and says when the column is a stored one (item 19)', () => {
    const batch = new TableBatch([{ name: 'a', type: 'bigint' }])
    assert.deepEqual(batch.add(row({ a: 0.5, b: 1 })), [])
    assert.deepEqual(batch.add(row({ b: 0.5 })), [])
    assert.deepEqual(
      batch.columns.map(({ type, isWidened }) => [type, isWidened]),
      [
        ['double', true],
        ['double', false],
      ],
    )
  })

  it('refuses values that do not fit and keeps the rest of the row (item 19)', () => {
    const batch = new TableBatch([
      { name: 'a', type: 'boolean' },
      { name: 'b', type: undefined },
    ])
    const refused = batch.add(row({ a: 'maybe', b: 1, c: 2 }))
    assert.deepEqual(
      refused.map(({ column, value, reason }) => [column, value, reason]),
      [
        ['a', 'maybe', 'varchar does not fit boolean'],
        ['b', '1', 'the column has a type that is not loaded'],
      ],
    )
    assert.deepEqual(batch.rows[0]?.[2], 2)
  })

  it('changes a stored table little by little', () => {
    const stored = Array.from({ length: 150 }, (_, i) => ({ name: `s${i}`, type: 'bigint' as const }))
    const batch = new TableBatch(stored)
    batch.add(row(Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`n${i}`, i]))))
    const refused = batch.add(row(Object.fromEntries(stored.map(({ name }) => [name, 0.5]))))
    assert.equal(batch.columns.filter(({ isNew }) => isNew).length, 80)
    assert.equal(batch.columns.filter(({ isWidened }) => isWidened).length, maxChangesPerLoad - 80)
    assert.equal(refused.length, 150 - (maxChangesPerLoad - 80))
    assert.deepEqual(batch.add(row({ late: 1 })), [])
    assert.equal(batch.rows[2]?.[batch.columns.length - 1], '{"late":1}')
  })

  it('never has more columns than the limit, with the rest in _unmapped (item 21)', () => {
    const batch = new TableBatch([])
    batch.add(row(Object.fromEntries(Array.from({ length: maxColumns + 10 }, (_, i) => [`c${i}`, i]))))
    assert.equal(batch.columns.length, maxColumns)
    const rest = JSON.parse(String(batch.rows[0]?.[maxColumns - 1])) as Record<string, number>
    assert.equal(Object.keys(rest).length, 11)
    assert.equal(rest[`c${maxColumns + 9}`], maxColumns + 9)
  })
})
