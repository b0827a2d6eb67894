import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { exceedsDepth } from './depth.ts'
import type { Json } from './json.ts'

const nested = (levels: number, open: string, close: string): Json =>
  JSON.parse(open.repeat(levels) + close.repeat(levels)) as Json

const depthOf = (value: Json): number =>
  typeof value !== 'object' || value === null ? 0 : 1 + Math.max(0, ...Object.values(value).map(depthOf))

test('the limit itself is allowed, one level more is not', () => {
  assert.equal(exceedsDepth(nested(100, '[', ']'), 100), false)
  assert.equal(exceedsDepth(nested(101, '[', ']'), 100), true)
  const objects = (levels: number): Json => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`) as Json
  assert.equal(exceedsDepth(objects(100), 100), false)
  assert.equal(exceedsDepth(objects(101), 100), true)
})

test('levels below __proto__ and constructor count like any other', () => {
  const deep = '['.repeat(100) + ']'.repeat(100)
  assert.equal(exceedsDepth(JSON.parse(`{"__proto__":${deep}}`) as Json, 100), true)
  assert.equal(exceedsDepth(JSON.parse(`{"constructor":${deep}}`) as Json, 100), true)
})

test('ten thousand levels do not overflow the stack', () => {
  let value: Json = {}
  for (let level = 0; level < 10_000; level++) value = level % 2 === 0 ? [value] : { value }
  assert.equal(exceedsDepth(value, 100), true)
})

test('agrees with the plain recursive definition on any JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), fc.integer({ min: 0, max: 8 }), (value, limit) => {
      assert.equal(exceedsDepth(value as Json, limit), depthOf(value as Json) > limit)
    }),
  )
})
