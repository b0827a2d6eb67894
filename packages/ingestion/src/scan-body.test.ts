import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { scanBody } from './scan-body.ts'

const scan = (text: string) => {
  const body = Buffer.from(text)
  const found = scanBody(body, 0, body.length)
  const messages: unknown[] = []
  for (let i = 0; i < found.spans.length; i += 2) {
    messages.push(JSON.parse(body.subarray(found.spans[i], found.spans[i + 1]).toString()))
  }
  return { ...found, messages }
}

/** Writes a value as JSON with space and escapes wherever JSON allows them, as `random` decides. */
const write = (value: unknown, random: () => number): string => {
  const space = (): string => (random() < 0.7 ? '' : ([' ', '\n', '\t\r', '  '][Math.floor(random() * 4)] as string))
  const text = (string: string): string => {
    let out = ''
    for (let i = 0; i < string.length; i++) {
      const unit = string.charCodeAt(i)
      out += random() < 0.2 ? `\\u${unit.toString(16).padStart(4, '0')}` : JSON.stringify(string.charAt(i)).slice(1, -1)
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

test('finds the messages that JSON.parse finds, whatever the spacing, escapes, order and repetition of keys', () => {
  const member = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(fc.constant('batch'), fc.array(fc.jsonValue(), { maxLength: 5 }) as fc.Arbitrary<unknown>),
    },
    { weight: 1, arbitrary: fc.tuple(fc.constant('batch'), fc.jsonValue() as fc.Arbitrary<unknown>) },
    {
      weight: 4,
      arbitrary: fc.tuple(fc.string({ unit: 'binary', maxLength: 8 }), fc.jsonValue() as fc.Arbitrary<unknown>),
    },
  )
  fc.assert(
    fc.property(fc.array(member, { maxLength: 6 }), fc.integer(), (members, seed) => {
      const random = generator(seed)
      const text = ` {${members.map(([key, value]) => ` ${write(key, random)} : ${write(value, random)}`).join(' ,')} }\n`
      const parsed = JSON.parse(Buffer.from(text).toString()) as { batch?: unknown }
      const expected = Array.isArray(parsed.batch) ? (parsed.batch as unknown[]) : []
      assert.deepEqual(scan(text).messages, expected)
    }),
    { numRuns: 2000 },
  )
})

test('counts the last of several batches, also when it is no list', () => {
  assert.deepEqual(scan('{"batch":[1,2],"batch":[3]}').messages, [3])
  assert.deepEqual(scan('{"batch":[1,2],"batch":{"a":[1]}}').messages, [])
  assert.deepEqual(scan(String.raw`{"batch":[1],"\u0062atc\u0068":[7,8]}`).messages, [7, 8])
  assert.deepEqual(scan('{"a":{"batch":[1]},"xbatch":[2]}').messages, [])
})

test('is not misled by brackets and quotes inside strings', () => {
  assert.deepEqual(scan(String.raw`{"batch":[{"a":"]}\"[{,"},"\\",["}"]]}`).messages, [{ a: ']}"[{,' }, '\\', ['}']])
})

test('says how deeply each message nests, and the rest', () => {
  const { depths, outerDepth } = scan('{"a":[[1]],"batch":[1,{},{"x":[{}]}]}')
  assert.deepEqual(depths, [0, 1, 3])
  assert.equal(outerDepth, 3)
  assert.equal(scan('[[[1]]]').outerDepth, 3)
  assert.equal(scan('{"batch":[[[[[]]]]],"batch":[]}').outerDepth, 6)
})

test('ends on any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, asBatch) => {
      const body = Buffer.concat([Buffer.from(asBatch ? '{"batch":[' : ''), bytes])
      const { spans } = scanBody(body, 0, body.length)
      for (const at of spans) assert.ok(at <= body.length + 1)
    }),
    { numRuns: 2000 },
  )
})
