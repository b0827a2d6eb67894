import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStateStore } from '@millrace/testkit'
import { deliveryState, encodeJson } from '../delivery-state.ts'
import { letterKey } from './copy-store.ts'
import { selectDeadLetters } from './select-dead-letters.ts'
import type { LetterPlace } from '../redrive-letters.ts'

const at = '2026-01-02T00:00:00.000Z'
const later = '2026-01-03T00:00:00.000Z'

/** 2,500 letters, every fifth with another code, the last ten died later; and those of another destination. */
const state = new MemoryStateStore()
await state.transaction((tx) => {
  for (let index = 0; index < 2500; index++) {
    const letter = { messageId: `m${index}`, action: 'send', reason: 'rejected', code: index % 5 === 0 ? 'b' : 'a' }
    const value = encodeJson({ ...letter, at: index < 2490 ? at : later })
    tx.put(deliveryState.dead, letterKey('hook', { block: 0, index }, 'send'), value)
    tx.put(deliveryState.dead, letterKey('hook2', { block: 0, index }, 'send'), value)
  }
})
const all = async (code: string | undefined, until: string, limits: { letters: number; read: number }) => {
  const found: LetterPlace[] = []
  let pages = 0
  for (let next: LetterPlace | undefined; pages === 0 || next !== undefined; pages++) {
    assert.ok(pages < 100)
    const page = await selectDeadLetters(state, 'hook', { code }, until, next, limits)
    assert.ok(page.letters.length <= limits.letters)
    found.push(...page.letters)
    next = page.next
  }
  return { found, pages }
}

test('pages give each letter once, in the order of the log, and none of another destination', async () => {
  const { found, pages } = await all(undefined, later, { letters: 700, read: 10_000 })
  assert.deepEqual(
    found.map(({ index }) => index),
    Array.from({ length: 2500 }, (_, index) => index),
  )
  assert.equal(pages, 4)
})

test('a page ends after so many letters were read, whether they were wanted or not', async () => {
  const { found, pages } = await all('b', later, { letters: 1000, read: 1000 })
  assert.deepEqual([found.length, pages], [500, 3])
  assert.ok(found.every(({ index }) => index % 5 === 0))
})

test('what died after the time is left out', async () => {
  assert.equal((await all(undefined, at, { letters: 1000, read: 10_000 })).found.length, 2490)
})
