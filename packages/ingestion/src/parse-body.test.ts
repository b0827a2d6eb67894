import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { exceedsDepth, violationsOf } from '@millrace/protocol'
import type { Json, JsonObject } from '@millrace/protocol'
import { parseBatch, parseSingle } from './parse-body.ts'
import type { ParsedBody } from './parse-body.ts'

/** Writes a value as JSON with space and escapes wherever JSON allows them, as `random` decides. */
const write = (value: unknown, random: () => number): string => {
  const space = (): string => (random() < 0.7 ? '' : ([' ', '\n', '\t\r', '  '][Math.floor(random() * 4)] as string))
  const text = (string: string): string => {
    let out = ''
    for (let i = 0; i < string.length; i++) {
      const unit = string.charCodeAt(i)
      const isPlain = random() < 0.9 && (unit < 0xd800 || unit > 0xdfff)
      out += isPlain ? JSON.stringify(string.charAt(i)).slice(1, -1) : `\\u${unit.toString(16).padStart(4, '0')}`
    }
    return `"${out}"`
  }
  if (typeof value === 'string') return text(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) {
    return `[${space()}${value.map((item) => write(item, random)).join(`${space()},${space()}`)}${space()}]`
  }
  const members = Object.entries(value).map(([key, item]) => `${text(key)}${space()}:${space()}${write(item, random)}`)
  return `{${space()}${members.join(`${space()},${space()}`)}${space()}}`
}

const generator = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 0) / 2 ** 32
  }
}

const kept =
  'type event name category messageId userId anonymousId groupId previousId timestamp originalTimestamp sentAt receivedAt writeKey properties integrations'.split(
    ' ',
  )
type Fields = Record<string, Json>
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const kind = (value: Json): Json =>
  typeof value !== 'object' || value === null ? value : Array.isArray(value) ? [] : {}
const pick = (value: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(
    names.filter((name) => Object.hasOwn(value, name)).map((name) => [name, kind(value[name] as Json)]),
  )

/** What is expected of a message, from what JSON.parse makes of it. */
const project = (message: Json): Json => {
  if (!isObject(message)) return kind(message)
  const projected = pick(message, kept)
  const inside = (target: Fields, from: Fields, name: string, read: (part: Fields) => Fields): void => {
    if (!Object.hasOwn(from, name)) return
    const part = from[name] as Json
    target[name] = isObject(part) ? read(part) : kind(part)
  }
  const person = (part: Fields): Fields => pick(part, ['email'])
  inside(projected, message, 'traits', person)
  inside(projected, message, 'context', (context) => {
    const picked = pick(context, ['ip', 'userAgent', 'direct'])
    inside(picked, context, 'traits', person)
    return picked
  })
  return projected
}

const fieldName = fc.constantFrom(
  ...kept,
  'traits',
  'context',
  'ip',
  'email',
  'userAgent',
  'direct',
  '__proto__',
  'types',
  '',
)
/** Properties of an order that follow the dictionary, or do not quite: they are checked while they are passed over. */
const scalar = fc.constantFrom<unknown>(null, true, 0, -1.5, 1e21, '', 'text', 'é"\\\n', {}, [], [{}])
const orderProperties: fc.Arbitrary<unknown> = fc.record(
  {
    order_id: fc.constantFrom<unknown>('o-1', 'o-1', 'é', 5),
    total: fc.constantFrom<unknown>(12.5, 0, -1e3, '1'),
    products: fc.array(
      fc.record(
        { product_id: fc.constant('p'), price: fc.constantFrom<unknown>(1, 2.5, null), other: scalar },
        { requiredKeys: [] },
      ),
      { maxLength: 2 },
    ),
    own: scalar,
  },
  { requiredKeys: [] },
)
const order: fc.Arbitrary<unknown> = fc.record(
  {
    type: fc.constant('track'),
    event: fc.constantFrom('Order Completed', 'completed_order', 'Other'),
    properties: orderProperties,
  },
  { requiredKeys: ['event', 'properties'] },
)
const message: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: order },
  {
    weight: 5,
    arbitrary: fc.letrec<{ object: unknown; value: unknown }>((tie) => ({
      object: fc
        .array(fc.tuple(fieldName, tie('value')), { maxLength: 8 })
        .map((members) => Object.fromEntries(members)),
      value: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 6 }),
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.boolean(),
          fc.constant(null),
        ),
        fc.array(tie('value'), { maxLength: 3 }),
        tie('object'),
      ),
    })).object,
  },
  { weight: 1, arbitrary: fc.jsonValue() },
)

const isParsed = (result: object): result is ParsedBody => 'messages' in result
const parsed = (text: string): Json | undefined => {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
const depthOf = (value: Json): number => {
  let depth = 0
  while (exceedsDepth(value, depth)) depth++
  return depth
}

/** Compares what a body is read as with what JSON.parse makes of it. */
const compareSingle = (text: string): void => {
  const result = parseSingle(Buffer.from(text))
  const whole = parsed(text)
  if (whole === undefined) {
    assert.equal('code' in result && result.code, 'invalid_json', text)
  } else if (!isObject(whole)) {
    assert.equal('code' in result && result.code, 'not_an_object', text)
  } else {
    assert.ok(isParsed(result), text)
    assert.deepEqual(result.messages, [project(whole)], text)
    // What an equal key overwrote counts, too: it stands in the bytes that are stored.
    assert.ok((result.depths[0] as number) >= depthOf(whole), text)
    if (result.follows[0] !== undefined) {
      followed++
      assert.deepEqual(violationsOf(result.follows[0], whole['properties'] as JsonObject), [], text)
    }
  }
}
/** Bodies whose properties were checked while they were passed over. */
let followed = 0

const compareBatch = (text: string): void => {
  const body = Buffer.from(text)
  const result = parseBatch(body)
  const whole = parsed(text)
  if (whole === undefined || !isObject(whole)) {
    assert.equal('code' in result && result.code, whole === undefined ? 'invalid_json' : 'not_an_object', text)
    return
  }
  assert.ok(isParsed(result), text)
  const batch = Object.hasOwn(whole, 'batch') ? whole['batch'] : undefined
  const messages = Array.isArray(batch) ? batch : []
  assert.deepEqual(result.messages, messages.map(project), text)
  for (const [index, sent] of messages.entries()) assert.ok((result.depths[index] as number) >= depthOf(sent), text)
  for (const [index, sent] of messages.entries()) {
    const slice = body.subarray(result.spans[index * 2], result.spans[index * 2 + 1])
    assert.deepEqual(JSON.parse(slice.toString()), sent)
  }
  for (const name of ['context', 'integrations']) {
    assert.deepEqual(result.top[name], Object.hasOwn(whole, name) ? whole[name] : undefined)
  }
}

test('reads of a message what JSON.parse reads, whatever the spacing, escapes, order and repetition of keys', () => {
  fc.assert(
    fc.property(message, message, fc.integer(), (first, second, seed) => {
      const random = generator(seed)
      compareSingle(write(first, random))
      // Two objects written as one: keys repeat.
      const [one, two] = [write(first, random).trim(), write(second, random).trim()]
      if (one.startsWith('{') && two.startsWith('{') && !/^\{\s*\}$/.test(one) && !/^\{\s*\}$/.test(two)) {
        compareSingle(`${one.slice(0, -1)},${two.slice(1)}`)
      }
    }),
    { numRuns: 3000 },
  )
  assert.ok(followed > 30, `only ${followed} followed their standard event`)
})

test('finds the messages of a batch that JSON.parse finds, each in its place', () => {
  const member = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(fc.constant('batch'), fc.array(message, { maxLength: 4 }) as fc.Arbitrary<unknown>),
    },
    { weight: 1, arbitrary: fc.tuple(fc.constant('batch'), fc.jsonValue() as fc.Arbitrary<unknown>) },
    { weight: 3, arbitrary: fc.tuple(fc.constantFrom('context', 'integrations', 'writeKey', 'sentAt', 'x'), message) },
  )
  fc.assert(
    fc.property(fc.array(member, { maxLength: 5 }), fc.integer(), (members, seed) => {
      const random = generator(seed)
      compareBatch(
        ` {${members.map(([key, value]) => ` ${write(key, random)} : ${write(value, random)}`).join(' ,')} }\n`,
      )
    }),
    { numRuns: 2000 },
  )
})

test('takes exactly the texts that JSON.parse takes, also when bytes were changed, left out or put in', () => {
  const change = fc.record({
    at: fc.nat(),
    remove: fc.nat({ max: 2 }),
    insert: fc.constantFrom(
      '',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '\\u00',
      '0',
      '-',
      '.',
      'e',
      '1e5',
      'true',
      'nul',
      ' ',
      '\n',
      '\u0001',
      '\u007f',
      '/*',
    ),
  })
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 2 }),
      fc.array(change, { minLength: 1, maxLength: 2 }),
      fc.integer(),
      (list, changes, seed) => {
        let text = write({ batch: list, context: { ip: null } }, generator(seed))
        for (const { at, remove, insert } of changes) {
          const place = at % (text.length + 1)
          text = text.slice(0, place) + insert + text.slice(place + remove)
        }
        compareBatch(text)
        compareSingle(text)
      },
    ),
    { numRuns: 10_000 },
  )
})

test('takes exactly the short texts that JSON.parse takes', () => {
  const token = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '"a"',
    '"batch"',
    '\\',
    '-',
    '0',
    '1',
    '.',
    'e',
    '+',
    'true',
    'null',
    ' ',
    '\t',
  )
  fc.assert(
    fc.property(fc.array(token, { maxLength: 9 }), (tokens) => {
      compareSingle(tokens.join(''))
      compareBatch(`{"batch":${tokens.join('')}}`)
    }),
    { numRuns: 30_000 },
  )
})

test('reads what nests a million levels without recursion, and says how deep it is', () => {
  const deep = `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`
  const result = parseBatch(Buffer.from(`{"batch":[{"type":"track"},{"properties":{"x":${deep}}},{"type":"page"}]}`))
  assert.ok(isParsed(result))
  assert.deepEqual(result.depths, [1, 1_000_002, 1])
  assert.deepEqual(result.messages, [{ type: 'track' }, { properties: {} }, { type: 'page' }])
  const context = parseBatch(Buffer.from(`{"batch":[],"context":{"x":${deep}}}`))
  assert.equal('code' in context && context.code, 'too_deep')
})

test('counts the levels of nesting', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const result = parseBatch(Buffer.from(JSON.stringify({ batch: [value, { x: value }] })))
      assert.ok(isParsed(result))
      assert.deepEqual(result.depths, [depthOf(value as Json), depthOf(value as Json) + 1])
      const properties = { order_id: 'o', products: [{ name: 'n', own: value }], own: value }
      const standard = parseSingle(Buffer.from(JSON.stringify({ event: 'Order Completed', properties })))
      assert.ok(isParsed(standard))
      assert.deepEqual(
        [standard.depths, standard.follows[0]?.name],
        [[depthOf({ properties } as Json)], 'Order Completed'],
      )
    }),
  )
})

test('passes over a byte order mark', () => {
  compareSingle('{"event":"x"}')
  assert.ok(isParsed(parseSingle(Buffer.from('\uFEFF {"event":"x"} '))))
})
