import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Block } from '@millrace/storage'
import { blockOf } from './block-of.ts'
import { messageFactory } from './messages.ts'
import { randomFromEnvironment, seededRandom } from './random.ts'

describe('messageFactory', () => {
  it('makes the same messages from the same seed, and others from another', () => {
    const make = (seed: number) => {
      const messages = messageFactory(seededRandom(seed))
      return Array.from({ length: 20 }, () => messages.any())
    }
    assert.deepEqual(make(1), make(1))
    assert.notDeepEqual(make(1), make(2))
  })

  it('makes messages of about 1 KB with distinct ids', () => {
    const messages = messageFactory(seededRandom(1))
    const made = Array.from({ length: 500 }, () => messages.any())
    const bytes = Buffer.byteLength(made.map((message) => JSON.stringify(message)).join('')) / made.length
    assert.ok(bytes > 800 && bytes < 1400, `${bytes} bytes on average`)
    assert.equal(new Set(made.map((message) => message['messageId'])).size, made.length)
  })
})

describe('blockOf', () => {
  it('holds the messages as they were given', () => {
    const messages = messageFactory(seededRandom(1))
    const given = [
      messages.track({ event: 'Signed Up' }),
      messages.identify(),
      messages.page(),
      messages.screen(),
      messages.group(),
      messages.alias(),
    ]
    const block = new Block(blockOf(given, { source: 'shop' }))
    assert.equal(block.messageCount, given.length)
    for (const [index, message] of given.entries()) {
      assert.equal(block.source(index), 'shop')
      assert.equal(block.envelope(index).anonymousId, message['anonymousId'])
      assert.deepEqual(block.message(index), { ...message, receivedAt: '2026-03-01T09:00:00.000Z' })
    }
    assert.equal(block.event(0), 'Signed Up')
  })

  it('refuses a message without a messageId', () => {
    assert.throws(() => blockOf([{ type: 'track' }]), /messageId/)
  })
})

describe('random', () => {
  it('fills its ranges evenly', () => {
    const random = seededRandom(7)
    const counts = Array.from({ length: 10 }, () => 0)
    for (let index = 0; index < 10_000; index++) counts[random.integer(10)]!++
    for (const count of counts) assert.ok(count > 850 && count < 1150, `${count} of 10,000 in a tenth`)
    assert.match(random.uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.equal(random.bytes(7).length, 7)
  })

  it('prints the seed that it uses', () => {
    const lines: string[] = []
    const random = randomFromEnvironment('a test', (line) => lines.push(line))
    assert.deepEqual(lines, [`a test: MILLRACE_SEED=${random.seed}`])
  })
})
