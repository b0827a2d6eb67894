import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Message } from '@millrace/protocol'
import { idempotencyKey } from './idempotency-key.ts'
import { orderKeyOf } from './order-key.ts'

const messageOf = (fields: object): Message => ({ messageId: 'm', ...fields }) as Message

test('messages of one person share a key, signed in or not', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (anonymousId, userId) => {
      const key = orderKeyOf(messageOf({ anonymousId }))
      assert.equal(key, anonymousId)
      assert.equal(orderKeyOf(messageOf({ anonymousId, userId, messageId: 'other' })), key)
      assert.equal(orderKeyOf(messageOf({ userId })), orderKeyOf(messageOf({ userId, messageId: 'other' })))
    }),
  )
})

test('a message of nobody has a key of its own', () => {
  assert.equal(orderKeyOf(messageOf({})), 'm')
})

test('the idempotency key is the same for one destination, action and messageId, and for nothing else', () => {
  assert.equal(idempotencyKey('hook', 'send', 'm1'), 'M2vlG8L_NMBqSfYckFI9V1RNJuUJAkG4b31S9On7gLQ')
  const keys = ['hook send m1', 'hook2 send m1', 'hook copy m1', 'hook send m2'].map((text) => {
    const [destination = '', action = '', messageId = ''] = text.split(' ')
    return idempotencyKey(destination, action, messageId)
  })
  assert.equal(new Set(keys).size, 4)
})
