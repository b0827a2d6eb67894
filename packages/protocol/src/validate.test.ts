import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { rejectionCodes } from './codes.ts'
import { isJsonObject } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import { messageTypes } from './message.ts'
import type { MessageType } from './message.ts'
import { checkMessage } from './validate.ts'

const accepts = (type: MessageType, message: JsonObject): void =>
  assert.equal(checkMessage(message, type), undefined, JSON.stringify(message).slice(0, 200))

const refuses = (type: MessageType, message: JsonObject, code: string, path: string): void => {
  const problem = checkMessage(message, type)
  assert.deepEqual({ code: problem?.code, path: problem?.path }, { code, path }, JSON.stringify(message).slice(0, 200))
}

/** The least that each call needs beside a person. */
const calls: Record<MessageType, JsonObject> = {
  identify: {},
  track: { event: 'Signed Up' },
  page: {},
  screen: {},
  group: { groupId: 'g' },
  alias: { previousId: 'a' },
}

test('each call is accepted with a userId or an anonymousId, as text or as a number', () => {
  for (const type of messageTypes) {
    for (const id of ['u', 1, 0, -1, 0.5]) {
      accepts(type, { ...calls[type], userId: id })
      accepts(type, { ...calls[type], anonymousId: id })
      accepts(type, { ...calls[type], userId: null, anonymousId: id })
      accepts(type, { ...calls[type], userId: '', anonymousId: id })
    }
  }
})

test('without a person only identify with an email, and group and track with a groupId, are accepted', () => {
  accepts('identify', { traits: { email: 'a@b.example' } })
  accepts('identify', { userId: '', context: { traits: { email: 'a@b.example' } } })
  accepts('group', { groupId: 'g' })
  accepts('group', { groupId: 7, userId: null })
  accepts('track', { event: 'e', groupId: 'g' })
  for (const type of ['identify', 'track', 'page', 'screen', 'alias'] as const) {
    refuses(type, calls[type], 'no_identity', '')
    refuses(type, { ...calls[type], userId: '', anonymousId: null }, 'no_identity', '')
  }
  refuses('identify', { traits: { email: '' } }, 'no_identity', '')
  refuses('identify', { traits: { email: 5 }, context: { traits: null } }, 'no_identity', '')
  refuses('track', { event: 'e', groupId: '' }, 'no_identity', '')
  refuses('track', { event: 'e', traits: { email: 'a@b.example' } }, 'no_identity', '')
  refuses('page', { groupId: 'g' }, 'no_identity', '')
})

test('an id of another type is refused, whatever the other id is', () => {
  for (const id of [true, [], {}, ['u']]) {
    refuses('track', { event: 'e', userId: id, anonymousId: 'a' }, 'invalid_field', 'userId')
    refuses('track', { event: 'e', userId: 'u', anonymousId: id }, 'invalid_field', 'anonymousId')
    refuses('group', { userId: 'u', groupId: id }, 'invalid_field', 'groupId')
    refuses('alias', { userId: 'u', previousId: id }, 'invalid_field', 'previousId')
  }
})

test('a numeric id that lost digits in parsing is refused, and the reason names the remedy', () => {
  const message = JSON.parse('{"userId": 12345678901234567890}') as JsonObject
  refuses('identify', message, 'invalid_field', 'userId')
  assert.match(checkMessage(message, 'identify')?.reason ?? '', /Send a string/)
})

test('track needs an event name', () => {
  for (const event of [undefined, null, '']) {
    refuses('track', { userId: 'u', ...(event === undefined ? {} : { event }) }, 'no_event', 'event')
  }
  for (const event of [1, true, {}, ['e']]) refuses('track', { userId: 'u', event }, 'invalid_event', 'event')
})

test('group needs a groupId and alias a previousId', () => {
  for (const id of [null, '']) {
    refuses('group', { userId: 'u', groupId: id }, 'no_group_id', 'groupId')
    refuses('alias', { userId: 'u', previousId: id }, 'no_previous_id', 'previousId')
  }
  refuses('group', { userId: 'u' }, 'no_group_id', 'groupId')
  refuses('alias', { userId: 'u' }, 'no_previous_id', 'previousId')
  accepts('alias', { userId: 'u', previousId: 12 })
})

test('objects may be null or absent, and nothing else', () => {
  const objectsOf: Record<MessageType, string[]> = {
    identify: ['context', 'integrations', 'traits'],
    track: ['context', 'integrations', 'properties'],
    page: ['context', 'integrations', 'properties'],
    screen: ['context', 'integrations', 'properties'],
    group: ['context', 'integrations', 'traits'],
    alias: ['context', 'integrations'],
  }
  for (const type of messageTypes) {
    for (const field of objectsOf[type]) {
      accepts(type, { ...calls[type], userId: 'u', [field]: null })
      accepts(type, { ...calls[type], userId: 'u', [field]: {} })
      for (const value of ['x', 1, true, []])
        refuses(type, { ...calls[type], userId: 'u', [field]: value }, 'invalid_field', field)
    }
  }
})

test('name and category of a page are text', () => {
  accepts('page', { userId: 'u', name: null, category: '' })
  refuses('page', { userId: 'u', name: 404 }, 'invalid_field', 'name')
  refuses('screen', { userId: 'u', category: ['a'] }, 'invalid_field', 'category')
})

test('unusable times, message ids and fields of clients are no reason to refuse', () => {
  const odd = {
    timestamp: 5,
    sentAt: {},
    originalTimestamp: 'soon',
    receivedAt: [],
    messageId: {},
    version: 'x',
    channel: 1,
  }
  accepts('track', { userId: 'u', event: 'e', ...odd, _metadata: [null], writeKey: 3, type: 'page' })
})

test('__proto__ and constructor are ordinary fields', () => {
  accepts('track', JSON.parse('{"userId":"u","event":"e","__proto__":{"event":5},"constructor":1}') as JsonObject)
  refuses('track', JSON.parse('{"userId":"u","__proto__":{"event":"e"}}') as JsonObject, 'no_event', 'event')
})

test('a message may have 100 levels and not 101', () => {
  const withLevels = (levels: number): JsonObject => ({
    userId: 'u',
    event: 'e',
    properties: JSON.parse(`${'{"a":'.repeat(levels - 1)}1${'}'.repeat(levels - 1)}`) as JsonObject,
  })
  accepts('track', withLevels(100))
  refuses('track', withLevels(101), 'too_deep', '')
})

const fields = [
  'userId',
  'anonymousId',
  'groupId',
  'previousId',
  'event',
  'properties',
  'traits',
  'context',
  'integrations',
]
const anyMessage = fc.oneof(
  fc.dictionary(fc.constantFrom(...fields), fc.jsonValue({ maxDepth: 3 })),
  fc.jsonValue().filter((value) => isJsonObject(value as Json)),
)

test('never throws on any object, and a problem is complete', () => {
  fc.assert(
    fc.property(anyMessage, fc.constantFrom(...messageTypes), (message, type) => {
      const problem = checkMessage(JSON.parse(JSON.stringify(message)) as JsonObject, type)
      if (problem === undefined) return
      assert.ok(rejectionCodes.includes(problem.code))
      assert.ok(problem.path === '' || fields.includes(problem.path) || ['name', 'category'].includes(problem.path))
      assert.match(problem.reason, /\.$/)
    }),
  )
})

test('what is accepted has the fields that its type promises', () => {
  fc.assert(
    fc.property(anyMessage, fc.constantFrom(...messageTypes), (value, type) => {
      const message = value as JsonObject
      if (checkMessage(message, type) !== undefined) return
      if (type === 'track') assert.ok(typeof message.event === 'string' && message.event !== '')
      if (type === 'group') assert.ok(['string', 'number'].includes(typeof message.groupId))
      if (type === 'alias') assert.ok(['string', 'number'].includes(typeof message.previousId))
      assert.ok(isJsonObject(message.context ?? {}) && isJsonObject(message.integrations ?? {}))
    }),
  )
})
