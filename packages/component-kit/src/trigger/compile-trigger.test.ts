import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { MessageType } from '@millrace/protocol'
import { messageTypes } from '@millrace/protocol'
import { compileTrigger } from './compile-trigger.ts'
import { TriggerError } from './trigger-error.ts'

interface Case {
  name: string
  trigger: string
  message: Record<string, unknown>
  expect?: boolean
  error?: object
}
const cases = JSON.parse(readFileSync(new URL('trigger-cases.json', import.meta.url), 'utf8')) as Case[]

const matches = (trigger: string, message: object): boolean => compileTrigger(trigger).matches(message)
const positionOf = (trigger: string): number => {
  try {
    compileTrigger(trigger)
  } catch (error) {
    if (error instanceof TriggerError) return error.position
    throw error
  }
  return assert.fail(`${trigger} was accepted`)
}

describe('the published trigger cases', () => {
  it('are all here', () => assert.equal(cases.length, 311))
  for (const { name, trigger, message, expect, error } of cases) {
    it(name, () => {
      if (error === undefined) assert.equal(matches(trigger, message), expect)
      else assert.throws(() => compileTrigger(trigger), TriggerError)
    })
  }
})

describe('a trigger that is not valid', () => {
  it('names the position of what does not fit', () => {
    assert.equal(positionOf('evnt = "x"'), 0)
    assert.equal(positionOf('type = "track" and and event = "x"'), 19)
    assert.equal(positionOf('type == "track"'), 5)
    assert.equal(positionOf('event = "Order'), 8)
    assert.equal(positionOf('properties.qty > 1e3'), 17)
    assert.equal(positionOf('type = "track"\n  and contains(event)'), 35)
  })

  it('suggests the nearest field and function', () => {
    assert.throws(() => compileTrigger('propertes.qty = 3'), /did you mean properties\?/)
    assert.throws(() => compileTrigger('contain(event, "x")'), /did you mean contains\?/)
  })

  it('is refused when it could be read in two ways', () => {
    const doubtful = [
      '!event = "x"',
      '!event in ["x"]',
      'properties.n > "5"',
      'userId > 5',
      'userId = true',
      'event = properties.x',
      'event = name',
      '"track" = type',
      'properties.x = TRUE',
      'type in []',
      'properties.items[0] = 1',
      'properties.items.0 = 1',
      'properties.items\\[0\\]x = 1',
      'match(event, "[!a]")',
      'match(event, "[a")',
      'match(event, "a\\")',
      'contains(event, 5)',
      'lowercase(event)',
      'true',
      'properties. = 1',
      'properties.x\\',
    ]
    for (const trigger of doubtful) assert.throws(() => compileTrigger(trigger), TriggerError, trigger)
  })

  it('is refused over 5 KB and over 100 levels of nesting', () => {
    assert.throws(() => compileTrigger(`event = "${'é'.repeat(2560)}"`), /at most 5120/)
    assert.equal(matches(`${'('.repeat(99)}type = "track"${')'.repeat(99)}`, { type: 'track' }), true)
    for (const opening of ['(', '!', 'contains(']) {
      assert.throws(() => compileTrigger(opening.repeat(500)), /nested deeper than 100 levels/)
    }
  })

  it('raises nothing but a TriggerError, for any text', () => {
    const pieces = fc.constantFrom(
      'type',
      'event',
      '=',
      '!',
      '!=',
      '(',
      ')',
      '"a"',
      "'",
      'and',
      'or',
      'in',
      '[',
      ']',
      ',',
      'contains',
      '.',
      '\\',
      '5',
      ' ',
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 12 }).map((list) => list.join('')),
    )
    fc.assert(
      fc.property(text, (trigger) => {
        try {
          assert.equal(typeof compileTrigger(trigger).matches({ type: 'track', event: 'a' }), 'boolean')
        } catch (error) {
          assert.ok(error instanceof TriggerError)
          assert.ok(error.position >= 0 && error.position <= trigger.length)
        }
      }),
    )
  })
})

describe('a path', () => {
  it('reads own properties only', () => {
    assert.equal(matches('properties.constructor != null', { properties: {} }), false)
    assert.equal(matches('properties.__proto__ != null', { properties: {} }), false)
    assert.equal(matches('properties.__proto__ = 1', JSON.parse('{"properties":{"__proto__":1}}') as object), true)
  })

  it('reaches list indexes in both spellings, also nested ones', () => {
    const message = { properties: { rows: [[1, 2], [3]] } }
    assert.equal(matches('properties.rows\\[0\\]\\[1\\] = 2', message), true)
    assert.equal(matches('properties.rows.\\1.\\0 = 3', message), true)
  })

  it('finds no event name in messages other than track', () => {
    assert.equal(matches('event != null', { type: 'screen', event: 'Home' }), false)
    assert.equal(matches('event = "Home"', { type: 'track', event: 'Home' }), true)
  })
})

describe('the envelope', () => {
  const onEnvelope = (trigger: string, type: MessageType, event?: string): boolean | undefined =>
    compileTrigger(trigger).onEnvelope(type, event)

  it('decides triggers on type and event', () => {
    assert.equal(onEnvelope('type = "track" and event = "A"', 'track', 'A'), true)
    assert.equal(onEnvelope('type = "track" and event = "A"', 'track', 'B'), false)
    assert.equal(onEnvelope('match(event, "A*") or type in ["page"]', 'page'), true)
    assert.equal(onEnvelope('!contains(event, "A")', 'page'), false)
    assert.equal(onEnvelope('length(event) = 1', 'track', 'A'), true)
  })

  it('decides a compound as soon as one part does', () => {
    assert.equal(onEnvelope('type = "track" and properties.x > 5', 'page'), false)
    assert.equal(onEnvelope('type = "track" and properties.x > 5', 'track', 'A'), undefined)
    assert.equal(onEnvelope('properties.x > 5 or event = "A"', 'track', 'A'), true)
    assert.equal(onEnvelope('!(properties.x > 5 or event = "A")', 'track', 'A'), false)
  })

  it('decides triggers on the standard event and its category', () => {
    assert.equal(onEnvelope('standard.event = "Order Completed"', 'track', 'completed_order'), true)
    assert.equal(onEnvelope('standard.event = "Order Completed"', 'page', 'completed_order'), false)
    assert.equal(onEnvelope('standard.event = "Tea Brewed"', 'track', 'Tea Brewed'), true)
    assert.equal(onEnvelope('standard.category = "Ecommerce"', 'track', 'Order Completed'), true)
    assert.equal(onEnvelope('standard.category != null', 'track', 'Tea Brewed'), false)
    assert.equal(onEnvelope('standard.properties.order_id = "5"', 'track', 'Order Completed'), undefined)
    const message = { type: 'track', event: 'Completed Order', properties: { orderId: 5 } }
    assert.equal(compileTrigger('standard.properties.order_id = "5"').matches(message), true)
  })

  it('leaves open what only the message knows', () => {
    assert.equal(onEnvelope('properties.x', 'track', 'A'), undefined)
    assert.equal(onEnvelope('event = null', 'track'), undefined)
  })

  it('never contradicts the message', () => {
    fc.assert(
      fc.property(trigger, message, (text, value) => {
        const { matches, onEnvelope } = compileTrigger(text)
        const event = value.type === 'track' && typeof value.event === 'string' ? value.event : undefined
        const early = onEnvelope(value.type, event)
        if (early !== undefined) assert.equal(early, matches(value))
      }),
      { numRuns: 2000 },
    )
  })
})

const names = ['A', 'B', 'AB', '', 'order_completed', 'Order Completed']
const text = fc.constantFrom(...names).map((name) => `"${name}"`)
const field = fc.constantFrom(
  'type',
  'event',
  'event.x',
  'name',
  'properties.x',
  'lowercase(event)',
  'typeof(event)',
  'standard.event',
  'standard.category',
)
const comparison = fc.oneof(
  fc
    .tuple(field, fc.constantFrom('=', '!='), fc.oneof(text, fc.constantFrom('"track"', 'page', 'null')))
    .map((parts) => parts.join(' ')),
  fc
    .tuple(fc.constantFrom('', '!'), fc.constantFrom('contains', 'match'), field, text)
    .map(([not, name, of, value]) => `${not}${name}(${of}, ${value})`),
  field.map((of) => `${of} in ["A", "track", null]`),
  fc.constantFrom('"A" in event', '"A" in properties.x', 'length(event) > 1', 'properties.x'),
)
const { trigger } = fc.letrec<{ trigger: string }>((tie) => ({
  trigger: fc.oneof(
    { maxDepth: 3 },
    comparison,
    fc
      .tuple(tie('trigger'), fc.constantFrom('and', 'or'), tie('trigger'))
      .map(([left, word, right]) => `(${left}) ${word} ${right}`),
    tie('trigger').map((inner) => `!(${inner})`),
  ),
}))
const message = fc.record(
  {
    type: fc.constantFrom(...messageTypes),
    event: fc.oneof(fc.constantFrom(...names), fc.constant(null), fc.constant(5)),
    name: fc.constantFrom(...names),
    properties: fc.record({ x: fc.oneof(fc.constantFrom(...names), fc.boolean(), fc.constant(['A'])) }),
  },
  { requiredKeys: ['type'] },
)
