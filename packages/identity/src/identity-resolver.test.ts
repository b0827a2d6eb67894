import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStateStore } from '@millrace/testkit'
import { IdentityResolver } from './identity-resolver.ts'
import type { IdentityStep } from './identity-resolver.ts'
import { profileIdOf } from './profile-id.ts'
import { Rules, defaultRules } from './rule-set.ts'
import { blockOf, fingerprinter } from './testing/messages.ts'
import type { SentMessage } from './testing/messages.ts'

const rules = new Rules({ ...defaultRules, defaultLimit: 3, maxIdentifiers: 6, maxMerges: 1, hubLinks: 6 })
const open = (state: MemoryStateStore): Promise<IdentityResolver> =>
  IdentityResolver.open({ state, rules, fingerprinter, cacheSlots: 16 })

const take = async (
  resolver: IdentityResolver,
  state: MemoryStateStore,
  messages: SentMessage[],
): Promise<IdentityStep> => {
  const step = await resolver.step([{ block: blockOf(messages), skipped: [] }])
  await state.transaction((tx) => step.write(tx))
  return step
}

test('each message is given the profile of its best identifier, from the moment of the link on', async () => {
  const state = new MemoryStateStore()
  const resolver = await open(state)
  const visit = (messageId: string, ids: Partial<SentMessage>): SentMessage => ({
    messageId,
    receivedAtMs: 1_000,
    timestampMs: 1_000,
    ...ids,
  })
  const before = await take(resolver, state, [visit('1', { anonymousId: 'a' })])
  assert.deepEqual(before.profiles, [new Map()])
  await take(resolver, state, [visit('2', { anonymousId: 'a', userId: 'u' })])
  const after = await take(resolver, state, [visit('3', { anonymousId: 'a' }), visit('4', { userId: 'u' })])
  assert.deepEqual(after.profiles, [new Map([[profileIdOf('userId:u'), [0]]])])
})

test('a device that ten thousand users share stays with the first, and costs each of them nothing', async () => {
  const state = new MemoryStateStore()
  const resolver = await open(state)
  const users = Array.from({ length: 10_000 }, (_, at) => ({
    messageId: `m${at}`,
    receivedAtMs: 1_000 + at,
    timestampMs: 1_000 + at,
    userId: `u${at}`,
    anonymousId: 'kiosk',
  }))
  for (let at = 0; at < users.length; at += 1_000) await take(resolver, state, users.slice(at, at + 1_000))
  assert.equal((await resolver.graph.profileOf('anonymousId:kiosk'))?.first, 'userId:u0')
  assert.equal((await resolver.graph.profileOf('userId:u9999'))?.members.length, 1)
})
