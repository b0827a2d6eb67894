import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SenderCache } from './sender-cache.ts'
import { blockOf, fingerprinter } from './testing/messages.ts'
import type { SentMessage } from './testing/messages.ts'

const DAY_MS = 86_400_000
const NOW_MS = Date.UTC(2026, 5, 1)

const sent = (ids: Partial<SentMessage>): SentMessage => ({
  messageId: 'm',
  receivedAtMs: NOW_MS,
  timestampMs: NOW_MS,
  ...ids,
})

/** Learns one message and says whether another one is taken for its sender. */
const isKnown = (learned: SentMessage, asked: SentMessage, knownFromMs?: number): boolean => {
  const cache = new SenderCache(fingerprinter, 16)
  cache.look(blockOf([learned]), 0)
  cache.learn(1, 2, knownFromMs)
  cache.look(blockOf([asked]), 0)
  return cache.find() && cache.bestLow === 1 && cache.bestHigh === 2
}

test('messages with the same ids have one sender, whatever else differs', () => {
  const learned = sent({ userId: 'ü"\\,"set":{', anonymousId: 'a' })
  assert.equal(isKnown(learned, { ...learned, messageId: 'other', timestampMs: 1 }), true)
})

test('another id, or the same one as something else, is another sender', () => {
  const learned = sent({ userId: 'u', anonymousId: 'a' })
  const others: Partial<SentMessage>[] = [
    { userId: 'v', anonymousId: 'a' },
    { userId: 'u' },
    { userId: 'a', anonymousId: 'u' },
    { userId: 'u', anonymousId: 'a', previousId: 'p' },
    { userId: 'u","anonymousId":"a' },
    {},
  ]
  for (const other of others) assert.equal(isKnown(learned, sent(other)), false, JSON.stringify(other))
})

test('a message says something new unless it comes after what is known, by the clamped time', () => {
  const learned = sent({ userId: 'u', anonymousId: 'a' })
  assert.equal(isKnown(learned, learned, NOW_MS - 1), true)
  assert.equal(isKnown(learned, learned, NOW_MS), false, 'of the same time the messageId decides')
  assert.equal(isKnown(learned, { ...learned, timestampMs: NOW_MS - 2 }, NOW_MS - 1), false)
  assert.equal(isKnown(learned, { ...learned, timestampMs: NOW_MS + DAY_MS }, NOW_MS), false, 'not after its receipt')
  assert.equal(isKnown(learned, { ...learned, timestampMs: 0 }, NOW_MS - 31 * DAY_MS), true, 'nor 30 days before it')
})

test('a messageId with a quote in it is read the slow way, and never taken for another', () => {
  const learned = sent({ messageId: 'm', userId: 'u' })
  assert.equal(isKnown(learned, sent({ messageId: 'm\\","userId":"u","set":{', userId: 'v' })), false)
  assert.equal(isKnown(learned, sent({ messageId: '"', userId: 'u' })), false)
})
