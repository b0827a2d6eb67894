import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStateStore } from '@millrace/testkit'
import type { Fact } from './fact.ts'
import { IdentityGraph } from './identity-graph.ts'
import { Rules, defaultRules, ruleSetOf } from './rule-set.ts'
import type { RuleSettings } from './rule-set.ts'
import { fact } from './testing/facts.ts'
import { tryRules } from './try-rules.ts'

const settings: RuleSettings = {
  maxUserIds: 1,
  maxAnonymousIds: 5,
  blockedValues: [],
  maxIdentifiers: 1_000,
  maxMerges: 100,
  maxLinks: 1_000,
}
const rulesOf = (changed: Partial<RuleSettings>): Rules => new Rules(ruleSetOf({ ...settings, ...changed }))
const now = rulesOf({})

const stored = async (facts: readonly Fact[]): Promise<{ state: MemoryStateStore; graph: IdentityGraph }> => {
  const state = new MemoryStateStore()
  const graph = await IdentityGraph.open({ state, rules: now })
  const change = await graph.take(facts)
  await state.transaction((tx) => change.write(tx))
  return { state, graph }
}

const links = (user: string, devices: readonly string[], from = 1): Fact[] =>
  devices.map((device, at) => fact(`userId:${user}`, `anonymousId:${device}`, from + at))

test('the settings of a workspace are the default rules when nothing was chosen', () => {
  assert.equal(now.text, new Rules(defaultRules).text)
})

test('the same rules change nothing', async () => {
  const { state } = await stored([...links('u1', ['a', 'b']), ...links('u2', ['b', 'c'])])
  assert.deepEqual(await tryRules(state, now, rulesOf({})), {
    profiles: { now: 2, tried: 2 },
    refusedLinks: { now: 1, tried: 1 },
    split: 0,
    joined: 0,
    examples: [],
  })
})

test('tighter rules split, wider ones join, with the people concerned; nothing is changed', async () => {
  const { state, graph } = await stored([
    ...links('u1', ['a', 'b', 'c']),
    ...links('u2', ['x', 'y'], 10),
    fact('userId:u3', 'anonymousId:x', 20),
  ])
  const tighter = await tryRules(state, now, rulesOf({ maxAnonymousIds: 2 }))
  assert.deepEqual([tighter.split, tighter.joined, tighter.refusedLinks], [1, 0, { now: 1, tried: 2 }])
  assert.deepEqual(tighter.examples, [
    {
      now: [['anonymousId:a', 'anonymousId:b', 'anonymousId:c', 'userId:u1']],
      tried: [['anonymousId:c'], ['anonymousId:a', 'anonymousId:b', 'userId:u1']],
    },
  ])
  const wider = await tryRules(state, now, rulesOf({ maxUserIds: 2 }))
  assert.deepEqual([wider.split, wider.joined, wider.refusedLinks], [0, 1, { now: 1, tried: 0 }])
  assert.deepEqual(wider.examples[0]?.tried, [['anonymousId:x', 'anonymousId:y', 'userId:u2', 'userId:u3']])
  assert.equal((await graph.profileOf('anonymousId:c'))?.first, 'userId:u1')
})

test('rules that are put in force hold for what is stored, and give what was tried', async () => {
  const { state, graph } = await stored(links('u1', ['a', 'b', 'test']))
  const blocking = rulesOf({ blockedValues: ['test'] })
  const { split } = await tryRules(state, now, blocking)
  assert.equal(split, 1)
  graph.useRules(blocking)
  assert.equal((await graph.profileOf('anonymousId:test'))?.first, undefined)
  graph.useRules(now)
  assert.equal((await graph.profileOf('anonymousId:test'))?.first, 'userId:u1')
})

test('components of many facts and many components are read whole', async () => {
  const kiosk = Array.from({ length: 200 }, (_, at) => fact(`userId:u${at}`, 'anonymousId:kiosk', at + 1))
  const people = Array.from({ length: 1_500 }, (_, at) => fact(`userId:p${at}`, `anonymousId:of-${at}`, at + 1))
  const { state } = await stored([...kiosk, ...people])
  const answer = await tryRules(state, now, rulesOf({ maxUserIds: 1_000 }))
  assert.deepEqual(answer.profiles, { now: 1_501, tried: 1_501 })
  assert.deepEqual(answer.refusedLinks, { now: 199, tried: 0 })
  assert.equal(answer.joined, 1)
})
