import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Message } from '@millrace/protocol'
import { idempotencyKey } from './idempotency-key.ts'
import { laneOf } from './lane-of.ts'

const messageOf = (fields: object): Message => ({ messageId: 'm', ...fields }) as Message

test('messages of one person share a lane, signed in or not', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.integer({ min: 1, max: 64 }), (anonymousId, userId, lanes) => {
      const lane = laneOf(messageOf({ anonymousId }), lanes)
      assert.ok(Number.isInteger(lane) && lane >= 0 && lane < lanes)
      assert.equal(laneOf(messageOf({ anonymousId, userId, messageId: 'other' }), lanes), lane)
      assert.equal(laneOf(messageOf({ userId }), lanes), laneOf(messageOf({ userId, messageId: 'other' }), lanes))
    }),
  )
})

test('people are spread over all lanes', () => {
  const used = Array.from({ length: 8 }, () => 0)
  for (let id = 0; id < 8000; id++) {
    const lane = laneOf(messageOf({ anonymousId: `person-${id}` }), 8)
    used[lane] = (used[lane] ?? 0) + 1
  }
  for (const count of used) assert.ok(count > 700 && count < 1300, used.join())
})

test('the idempotency key is the same for one destination, action and messageId, and for nothing else', () => {
  assert.equal(idempotencyKey('hook', 'send', 'm1'), 'M2vlG8L_NMBqSfYckFI9V1RNJuUJAkG4b31S9On7gLQ')
  const keys = ['hook send m1', 'hook2 send m1', 'hook copy m1', 'hook send m2'].map((text) => {
    const [destination = '', action = '', messageId = ''] = text.split(' ')
    return idempotencyKey(destination, action, messageId)
  })
  assert.equal(new Set(keys).size, 4)
})
