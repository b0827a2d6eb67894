/* oxlint-disable unicorn/no-thenable -- `then` is an option of the mapping language */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { Json } from '@millrace/protocol'
import { compileMapping } from './compile-mapping.ts'
import { MappingError } from './mapping-error.ts'

/** Names that data shares with mappings, and names that are dangerous as keys. */
const names = [
  'a',
  'b',
  'list',
  'length',
  '0',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'toJSON',
  '@path',
  '',
]

const scalar: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json[]>(null, true, false, 0, '', 'a', 'a-b', '{{a}}', '{"@path":"a"}', '$&'),
  fc.string({ maxLength: 5 }),
  fc.integer(),
)
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    scalar,
    fc.array(tie('json'), { maxLength: 3 }),
    fc.array(fc.tuple(fc.constantFrom(...names), tie('json')), { maxLength: 4 }).map(ownEntries),
  ),
}))
const payload = fc.array(fc.tuple(fc.constantFrom(...names), json), { maxLength: 5 }).map(ownEntries)

/** Object.fromEntries makes own properties of every key, __proto__ included, as JSON.parse does. */
function ownEntries(entries: [string, Json][]): Json {
  return Object.fromEntries(entries)
}

const path = fc
  .array(fc.constantFrom(...names, '[0]', "['a']"), { minLength: 1, maxLength: 3 })
  .map((keys) => `$.${keys.join('.')}`)
const text = fc.constantFrom('plain', '{{a}}', '{{{b}}} {{list.0}}', '{{ }}', '<{{toString}}>')
/** Valid mappings whose success does not depend on the payload; only @transform needs an object and stands at the top. */
const { value } = fc.letrec<{ value: Json }>((tie) => {
  const nested = tie('value')
  const object = fc.dictionary(fc.constantFrom('x', 'y', '__proto__'), nested, { maxKeys: 3 })
  return {
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      scalar,
      path.map((at) => ({ '@path': at })),
      text.map((template) => ({ '@template': template })),
      object,
      fc.array(nested, { maxLength: 3 }),
      nested.map((inner) => ({ '@literal': inner })),
      fc.tuple(path, nested, nested, fc.constantFrom('exists', 'blank')).map(([at, then, other, key]) => ({
        '@if': { [key]: { '@path': at }, then, else: other },
      })),
      fc.tuple(path, fc.constantFrom('lower', 'upper')).map(([at, operator]) => ({
        '@case': { operator, value: { '@path': at } },
      })),
      fc.tuple(path, fc.boolean(), fc.constantFrom('-', '$', '.', '[')).map(([at, global, pattern]) => ({
        '@replace': { value: { '@path': at }, pattern, replacement: '$&', global },
      })),
      fc.tuple(path, nested).map(([at, shape]) => ({ '@arrayPath': [at, shape] })),
      fc.tuple(path, fc.constantFrom('encode', 'decode')).map(([at, mode]) => ({
        '@json': { mode, value: { '@path': at } },
      })),
      fc.tuple(nested, fc.boolean()).map(([inner, omitArrays]) => ({
        '@flatten': { value: inner, separator: '.', omitArrays },
      })),
      fc.tuple(object, path, fc.constantFrom('left', 'right')).map(([first, at, direction]) => ({
        '@merge': { direction, objects: [first, { '@path': at }, { '@excludeWhenNull': { '@path': at } }] },
      })),
      nested.map((inner) => ({ '@excludeWhenNull': inner })),
    ),
  }
})
const mapping = fc.oneof(
  value.map((inner) => ({ field: inner })),
  fc.tuple(value, value).map(([first, second]) => ({
    '@transform': { apply: { a: first }, mapping: { '@merge': { direction: 'right', objects: [{ b: second }] } } },
  })),
)

describe('a compiled mapping', () => {
  it('accepts any payload, changes neither it nor the mapping, and gives the same every time', () => {
    fc.assert(
      fc.property(mapping, payload, (source, data) => {
        const before = JSON.stringify([source, data])
        const compiled = compileMapping(source)
        const first = JSON.stringify(compiled.apply(data))
        assert.equal(JSON.stringify(compiled.apply(data)), first)
        assert.equal(JSON.stringify(compileMapping(source).apply(data)), first)
        assert.equal(JSON.stringify([source, data]), before)
      }),
      { numRuns: 1000 },
    )
  })

  it('with a Liquid template gives a text or a MappingError, and changes no payload', () => {
    const templates = [
      '{{ a | upcase }}',
      '{% increment a %}',
      '{% assign b = a %}{{ b }}',
      '{% if a %}{{ b.a }}{% endif %}',
    ]
    fc.assert(
      fc.property(fc.constantFrom(...templates), payload, (template, data) => {
        const before = JSON.stringify(data)
        const { apply } = compileMapping({ '@liquid': template })
        try {
          assert.equal(typeof apply(data), 'string')
        } catch (error) {
          // Data may bring along a `toString` that is no function.
          assert.ok(error instanceof MappingError)
        }
        assert.equal(JSON.stringify(data), before)
      }),
      { numRuns: 500 },
    )
  })

  it('leaves no key without a value in its result', () => {
    fc.assert(
      fc.property(mapping, payload, (source, data) => {
        assert.ok(!hasEmptyKey(compileMapping(source).apply(data)))
      }),
      { numRuns: 1000 },
    )
  })

  it('leaves the prototypes of its results and of all objects alone', () => {
    const data = JSON.parse('{"evil":{"__proto__":{"polluted":true}},"a":null}') as Json
    for (const source of [
      { '@path': '$.evil' },
      JSON.parse('{"__proto__":{"polluted":true}}') as Json,
      { '@merge': { direction: 'right', objects: [{ '@path': '$.evil' }] } },
      { '@flatten': { value: { '@path': '$.evil' }, separator: '.' } },
      { '@excludeWhenNull': { '@path': '$.evil' } },
    ]) {
      const result = compileMapping(source).apply(data) as object
      assert.equal(Object.getPrototypeOf(result), Object.prototype)
      assert.equal((result as { polluted?: unknown }).polluted, undefined)
    }
    assert.equal(({} as { polluted?: unknown }).polluted, undefined)
  })

  it('reads no inherited properties', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'a.constructor', 'a.length.toFixed']) {
      assert.deepEqual(compileMapping({ x: { '@path': name } }).apply({ a: 'text' }), {}, name)
    }
    const hostile = { a: { toString: 'no function' }, list: [{ toString: null }] }
    assert.deepEqual(compileMapping({ x: { '@template': '{{a}} {{list}}' } }).apply(hostile), {
      x: '[object Object] [object Object]',
    })
    assert.deepEqual(compileMapping({ x: { '@liquid': '[{{ a.constructor }}]' } }).apply({ a: {} }), { x: '[]' })
  })
})

function hasEmptyKey(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasEmptyKey)
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some((child) => child === undefined || hasEmptyKey(child))
}
