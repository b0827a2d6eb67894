import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { FieldSpec } from './fields.ts'
import { defineFields } from './fields.ts'
import { compileFields } from './validate-fields.ts'

const about = { label: 'Label', description: 'What it is for.', example: 'x' } as const
const fields = defineFields({
  url: { ...about, type: 'string', required: true },
  apiKey: { ...about, type: 'secret' },
  region: { ...about, type: 'string', choices: ['eu', 'us'], default: 'eu' },
  timeoutMs: { ...about, type: 'integer', minimum: 1, maximum: 60_000, default: 5000 },
  headers: { ...about, type: 'object', default: { accept: 'json' } },
  on: { ...about, type: 'boolean' },
  topics: { ...about, type: 'string', many: true },
})
const settings = compileFields(fields)
const messageOf = (values: unknown): string => {
  const { problems } = settings.parse(values)
  assert.equal(problems?.length, 1, JSON.stringify(problems))
  return `${problems[0]?.path}: ${problems[0]?.message}`
}

describe('the check of settings', () => {
  it('fills in defaults, a new copy each time', () => {
    const first = settings.parse({ url: 'https://example.com' }).values
    assert.deepEqual(first, { url: 'https://example.com', region: 'eu', timeoutMs: 5000, headers: { accept: 'json' } })
    assert.notEqual(first?.headers, settings.parse({ url: 'https://example.com' }).values?.headers)
  })

  it('suggests the nearest name for an unknown one', () => {
    assert.equal(messageOf({ url: 'x', timoutMs: 5 }), 'timoutMs: is not known here; did you mean "timeoutMs"?')
    assert.match(messageOf({ url: 'x', colour: 5 }), /the names are url, apiKey, region/)
    assert.match(messageOf(JSON.parse('{"url":"x","__proto__":1}')), /^__proto__: is not known here/)
  })

  it('converts nothing', () => {
    assert.equal(messageOf({ url: 5 }), 'url: must be a string, but it is 5')
    assert.equal(messageOf({ url: 'x', timeoutMs: '5' }), 'timeoutMs: must be a whole number, but it is "5"')
    assert.equal(messageOf({ url: 'x', timeoutMs: 2.5 }), 'timeoutMs: must be a whole number, but it is 2.5')
    assert.equal(messageOf({ url: 'x', on: 'true' }), 'on: must be true or false, but it is "true"')
    assert.equal(messageOf({ url: 'x', on: null }), 'on: must be true or false, but it is null')
    assert.equal(messageOf({ url: 'x', topics: ['a', 5] }), 'topics.1: must be a string, but it is 5')
  })

  it('holds to choices and ranges', () => {
    assert.equal(
      messageOf({ url: 'x', region: 'eus' }),
      'region: must be one of eu, us, but it is "eus"; did you mean "eu"?',
    )
    assert.equal(messageOf({ url: 'x', timeoutMs: 0 }), 'timeoutMs: must be at least 1, but it is 0')
    assert.equal(messageOf({ url: 'x', timeoutMs: 60_001 }), 'timeoutMs: must be at most 60000, but it is 60001')
  })

  it('refuses a required text that is missing or empty', () => {
    assert.equal(messageOf({}), 'url: is required: What it is for.')
    assert.equal(messageOf({ url: '' }), 'url: must not be empty: What it is for.')
  })

  it('never shows the value of a secret', () => {
    assert.equal(messageOf({ url: 'x', apiKey: 123_456 }), 'apiKey: must be a string, but it is a number')
  })

  it('reports all problems at once', () => {
    assert.deepEqual(
      settings.parse({ on: 1, other: 2 }).problems?.map(({ path }) => path),
      ['other', 'url', 'on'],
    )
    assert.match(settings.parse([]).problems?.[0]?.message ?? '', /must be an object .* it is a list/)
  })

  it('gives values that it accepts again unchanged, or problems, for any input', () => {
    const names = fc.constantFrom(...Object.keys(fields))
    const values = fc.oneof(fc.dictionary(names, fc.jsonValue()), fc.jsonValue(), fc.anything())
    fc.assert(
      fc.property(values, (input) => {
        const result = settings.parse(input)
        if (result.problems === undefined) assert.deepEqual(settings.parse(result.values).values, result.values)
        else assert.ok(result.problems.length > 0)
      }),
    )
  })

  it('accepts the value of each type that its JSON Schema calls by the same name', () => {
    const good: [FieldSpec['type'], unknown][] = [
      ['string', ''],
      ['secret', 's'],
      ['integer', -5],
      ['number', 2.5],
      ['boolean', false],
      ['datetime', '2026-01-02'],
      ['object', {}],
      ['any', null],
    ]
    for (const [type, value] of good) {
      assert.deepEqual(compileFields({ f: { ...about, type } }).parse({ f: value }).values, { f: value }, type)
    }
  })
})
