import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cellOf, type ColumnType, fit, isSkipped } from './cell.ts'

describe('values', () => {
  it('skips null, empty text, array and object, keeps 0 and false (item 15)', () => {
    for (const value of [null, '', [], {}]) assert.equal(isSkipped(value), true, JSON.stringify(value))
    for (const value of [0, false, ' ', [null], { a: null }])
      assert.equal(isSkipped(value), false, JSON.stringify(value))
  })

  it('asks for the type of the value (item 16)', () => {
    const cases: [Parameters<typeof cellOf>[1], ColumnType][] = [
      [5, 'bigint'],
      [2 ** 53 + 2, 'bigint'],
      [1e19, 'double'],
      [0.5, 'double'],
      [true, 'boolean'],
      ['text', 'varchar'],
      ['2024-05-06', 'timestamp'],
    ]
    for (const [value, type] of cases) assert.equal(cellOf('c', value).type, type, JSON.stringify(value))
  })

  it('makes JSON text of an array, whatever it holds (item 18)', () => {
    const cell = cellOf('c', ['2024-05-06', { a: 1 }])
    assert.deepEqual([cell.type, cell.value], ['varchar', '["2024-05-06",{"a":1}]'])
  })

  it('fits what loses nothing, and nothing else (item 19)', () => {
    const fits = (value: Parameters<typeof cellOf>[1], type: ColumnType) => fit(cellOf('c', value), type)
    assert.equal(fits(5, 'varchar'), '5')
    assert.equal(fits(false, 'varchar'), 'false')
    assert.equal(fits('2024-05-06', 'varchar'), '2024-05-06')
    assert.equal(fits(5, 'double'), 5)
    assert.equal(fits('5', 'bigint'), 5n)
    assert.equal(fits('9223372036854775807', 'bigint'), 2n ** 63n - 1n)
    assert.equal(fits('9223372036854775808', 'bigint'), undefined)
    assert.equal(fits('0.5', 'double'), 0.5)
    assert.equal(fits('true', 'boolean'), true)
    for (const value of ['05', '5 ', '1e3', 'x', true]) assert.equal(fits(value, 'bigint'), undefined, String(value))
    for (const value of ['Infinity', 'NaN', '0.50', true]) assert.equal(fits(value, 'double'), undefined, String(value))
    assert.equal(fits(1, 'boolean'), undefined)
    assert.equal(fits(1714979289, 'timestamp'), undefined)
  })
})
