import type { JsonObject, Message } from '@millrace/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { differencesOf } from './differences.ts'
import { readExported } from './exported-message.ts'

const receivedAt = '2026-01-01T00:00:00.000Z'
const stored: Message = {
  type: 'track',
  event: 'Signed Up',
  userId: '7',
  anonymousId: 'a-1',
  messageId: 'm-1',
  properties: { plan: 'pro', seats: [1, 2], nested: { a: null } },
  context: { library: { name: 'here' } },
  timestamp: receivedAt,
  receivedAt,
}
const pathsOf = (line: JsonObject, toleranceMs = 1000): string[] => {
  const exported = readExported(JSON.stringify(line), 1, 'f')
  assert.ok(exported !== undefined)
  return differencesOf(exported, stored, toleranceMs).map(({ path }) => path)
}

test('a raw message is equal whatever each system added, and whatever the order of its keys', () => {
  const { type, messageId, properties } = stored
  const same = {
    messageId,
    type,
    event: 'Signed Up',
    userId: 7,
    anonymousId: 'a-1',
    groupId: null,
    traits: {},
    properties: properties ?? null,
  }
  assert.deepEqual(pathsOf({ ...same, context: { ip: '1.1.1.1' }, receivedAt: 'later', timestamp: receivedAt }), [])
  assert.deepEqual(pathsOf({ ...same, properties: { nested: { a: null }, seats: [1, 2], plan: 'pro' } }), [])
})

test('names each field that differs, absent ones too', () => {
  const line = { ...stored, event: 'Signed up', anonymousId: null, traits: { x: 1 } }
  assert.deepEqual(pathsOf(line), ['event', 'anonymousId', 'traits'])
  assert.deepEqual(pathsOf({ ...stored, properties: { plan: 'free', seats: [1, 3], nested: {} } }), [
    'properties.plan',
    'properties.seats[1]',
    'properties.nested.a',
  ])
})

test('a difference at any place of the properties is found', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (there, here) => {
      const [a, b] = [JSON.parse(JSON.stringify({ v: there })), JSON.parse(JSON.stringify({ v: here }))] as JsonObject[]
      const exported = { messageId: 'm-1', fields: { properties: a ?? {} }, isComplete: false }
      const isEqual = differencesOf(exported, { ...stored, properties: b ?? {} }, 0).length === 0
      let expected = true
      try {
        assert.deepStrictEqual(a, b)
      } catch {
        expected = false
      }
      assert.equal(isEqual, expected)
    }),
  )
})

test('times may lie apart as far as the tolerance says, in any notation', () => {
  for (const timestamp of ['2026-01-01T00:00:01Z', '2026-01-01 01:00:00.5+01', '2025-12-31 23:59:59.5 UTC']) {
    assert.deepEqual(pathsOf({ ...stored, timestamp }), [], timestamp)
  }
  for (const timestamp of ['2026-01-01T00:00:01.001Z', 'yesterday', 5]) {
    assert.deepEqual(pathsOf({ ...stored, timestamp }), ['timestamp'], String(timestamp))
  }
})

test('a row of a warehouse is compared in the columns that it has', () => {
  const row = { id: 'm-1', event: 'signed_up', event_text: 'Signed Up', user_id: '7', plan: 'pro' }
  assert.deepEqual(pathsOf(row), [])
  assert.deepEqual(pathsOf({ ...row, user_id: '8', timestamp: '2026-01-01 00:00:00' }), ['userId'])
})
