import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defineFields } from './fields.ts'
import { checkPayload } from './validate-fields.ts'

const about = { label: 'Label', description: 'What it is for.', example: 'x' } as const

const payload = checkPayload(
  defineFields({
    id: { ...about, type: 'string', required: true, default: { '@path': '$.userId' } },
    at: { ...about, type: 'datetime' },
    currency: { ...about, type: 'string', default: 'USD' },
    total: { ...about, type: 'number' },
    skus: { ...about, type: 'string', many: true },
    raw: { ...about, type: 'any' },
  }),
)

describe('the check of mapped payloads', () => {
  it('turns numbers into text for text fields, also within lists, and nothing else', () => {
    assert.deepEqual(payload.parse({ id: 42, skus: [1, 'b'] }).values, { id: '42', currency: 'USD', skus: ['1', 'b'] })
    assert.equal(payload.parse({ id: true }).problems?.[0]?.path, 'id')
    assert.equal(payload.parse({ id: 'a', total: '5' }).problems?.[0]?.path, 'total')
    assert.equal(payload.parse({ id: 'a', skus: 'b' }).problems?.[0]?.message, 'must be a list, but it is "b"')
  })

  it('keeps an ISO date or time as it was written, and refuses other texts', () => {
    for (const at of ['2026-01-02', '2026-01-02T03:04:05Z', '2026-01-02T03:04:05.123+02:00']) {
      assert.equal(payload.parse({ id: 'a', at }).values?.at, at)
    }
    for (const at of ['yesterday', 1_767_323_045, '2026-13-01']) {
      assert.match(payload.parse({ id: 'a', at }).problems?.[0]?.message ?? '', /ISO 8601/)
    }
  })

  it('reports every required field that is missing or null', () => {
    for (const values of [{}, { id: null }, { id: undefined }]) {
      assert.deepEqual(payload.parse(values).problems, [{ path: 'id', message: 'is required: What it is for.' }])
    }
  })

  it('leaves out nulls, except where any value will do, and names that are not declared', () => {
    const { values } = payload.parse({ id: 'a', total: null, raw: null, enable_batching: true })
    assert.deepEqual(values, { id: 'a', currency: 'USD', raw: null })
  })

  it('does not change the payload', () => {
    const given = Object.freeze({ id: 5, skus: Object.freeze([1]) })
    assert.deepEqual(payload.parse(given).values?.skus, ['1'])
    assert.deepEqual(given, { id: 5, skus: [1] })
  })

  it('sees own properties only', () => {
    const inherited = Object.create({ id: 'a' }) as object
    assert.equal(payload.parse(inherited).problems?.[0]?.path, 'id')
  })
})
