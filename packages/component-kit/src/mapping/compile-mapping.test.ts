/* oxlint-disable unicorn/no-thenable -- `then` is an option of the mapping language */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { Json } from '@millrace/protocol'
import { compileMapping } from './compile-mapping.ts'
import { MappingError } from './mapping-error.ts'

interface Case {
  name: string
  mapping: Json
  payload: Json
  expect?: Json
  error?: { stage: string; paths?: string[] }
}
const cases = JSON.parse(readFileSync(new URL('mapping-cases.json', import.meta.url), 'utf8')) as Case[]

/** As it arrives in JSON: keys without a value left out, list places without a value null. */
const asJson = (value: unknown): unknown => {
  const text = JSON.stringify(value) as string | undefined
  return text === undefined ? undefined : (JSON.parse(text) as unknown)
}

describe('the published mapping cases', () => {
  it('are all here', () => assert.equal(cases.length, 294))
  for (const { name, mapping, payload, expect, error } of cases) {
    it(name, () => {
      if (error === undefined) assert.deepEqual(asJson(compileMapping(mapping).apply(payload)), expect)
      else assert.throws(() => compileMapping(mapping).apply(payload), MappingError)
    })
  }
})

describe('a mapping that is not valid', () => {
  const problemsOf = (mapping: Json): readonly string[] => {
    try {
      compileMapping(mapping)
    } catch (error) {
      if (error instanceof MappingError) return error.problems.map(({ path, message }) => `${path} ${message}`)
      throw error
    }
    return []
  }

  it('is refused with all problems and their paths', () => {
    const problems = problemsOf({
      user: { '@case': { operator: 'lower', value: 5 } },
      list: [{ '@pth': '$.a' }, { '@if': { then: 1 } }],
      merged: { '@merge': { direction: 'LEFT', objects: [{}, 'x'] } },
      'a/b': { '@path': '$.x', b: 1 },
    })
    assert.deepEqual(problems, [
      '/user/@case/value must be a string or a directive, but it is a number',
      '/list/0 has the unknown directive @pth; did you mean @path?',
      '/list/1/@if needs a condition: "exists" or "blank" with a directive',
      '/merged/@merge/direction must be "right" or "left", but it is "LEFT"',
      '/merged/@merge/objects/1 must be an object or a directive, but it is a string',
      '/a~1b holds "@path", "b"; a directive stands alone in its object, so nest one in another or split them',
    ])
  })

  it('is refused for what the published cases show', () => {
    for (const { name, mapping, error } of cases) {
      if (error?.stage === 'validate') assert.notDeepEqual(problemsOf(mapping), [], name)
    }
  })

  it('is refused when null stands for an option that is left out', () => {
    for (const key of ['replacement', 'pattern2', 'global', 'ignorecase']) {
      assert.equal(problemsOf({ a: { '@replace': { value: 'x', pattern: 'x', [key]: null } } }).length, 1, key)
    }
  })

  it('is refused when it is no object, or nested deeper than 100 levels', () => {
    assert.equal(problemsOf('$.userId').length, 1)
    assert.equal(problemsOf([]).length, 1)
    let deep: Json = 'x'
    for (let level = 0; level < 5000; level += 1) deep = { a: deep }
    assert.match(problemsOf(deep)[0] ?? '', /nested deeper than 100 levels/)
  })

  it('names the reason of a Liquid template', () => {
    assert.match(problemsOf({ a: { '@liquid': '{{ x | sort }}' } })[0] ?? '', /the filter "sort" is disabled/)
    assert.match(problemsOf({ a: { '@liquid': '{% for a in b %}{% endfor %}' } })[0] ?? '', /the tag "for" is disabled/)
  })
})

describe('the standard form', () => {
  const message = { type: 'track', event: 'completed_order', properties: { orderId: 5, list: [{ standard: 'own' }] } }
  const apply = (mapping: Json, payload: unknown = message): unknown => compileMapping(mapping).apply(payload)

  it('is read by paths, templates and Liquid, and is not in the message', () => {
    assert.deepEqual(
      apply({
        name: { '@path': '$.standard.event' },
        text: { '@template': '{{standard.category}}: {{standard.properties.order_id}}' },
        liquid: { '@liquid': '{{ standard.event }}' },
        whole: { '@path': '$.' },
        items: { '@arrayPath': ['$.properties.list', { own: { '@path': '$.standard' } }] },
        sent: { '@path': '$.event' },
      }),
      {
        name: 'Order Completed',
        text: 'Ecommerce: 5',
        liquid: 'Order Completed',
        whole: message,
        items: [{ own: 'own' }],
        sent: 'completed_order',
      },
    )
    assert.equal(Object.hasOwn(message, 'standard'), false)
  })

  it('of a payload that is no message is what the payload has there', () => {
    assert.deepEqual(apply({ a: { '@path': '$.standard.x' } }, { standard: { x: 1 } }), { a: 1 })
  })
})

describe('a payload that a mapping cannot take', () => {
  it('is named with the place in the mapping', () => {
    const { apply } = compileMapping({ a: { '@path': { '@path': '$.at' } } })
    assert.throws(() => apply({ at: 5 }), {
      message: '/a/@path: must give a string, but for this payload it is a number',
    })
    assert.throws(() => apply(null), { message: 'mapping: the payload must be an object, but it is null' })
    assert.throws(() => apply([]), MappingError)
  })

  it('with a Liquid template that runs away is an error, not a stall', () => {
    const bomb = compileMapping({ a: { '@liquid': '{{ x | split: "" | join: x | split: "" | join: x }}' } })
    assert.throws(() => bomb.apply({ x: 'x'.repeat(20_000) }), MappingError)
  })
})
