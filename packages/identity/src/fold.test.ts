import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Component } from './component.ts'
import { pairOf } from './fact.ts'
import type { Fact } from './fact.ts'
import { Fold } from './fold.ts'
import { Rules, defaultRules } from './rule-set.ts'
import { arbitraryFacts, fact } from './testing/facts.ts'
import { graphText, graphTextOf } from './testing/graph-text.ts'

const rules = new Rules(defaultRules)
const NO_CUTS = new Map()

test('two identifiers of one message are one profile, called after the better one', () => {
  const fold = Fold.of([fact('anonymousId:a1', 'userId:u1', 1)], rules, NO_CUTS)
  const [profile] = fold.profiles
  assert.equal(profile?.first, 'userId:u1')
  assert.deepEqual(profile?.members.toSorted(), ['anonymousId:a1', 'userId:u1'])
})

test('a shared device does not join two users: the later link is refused', () => {
  const facts = [fact('anonymousId:kiosk', 'userId:u1', 1), fact('anonymousId:kiosk', 'userId:u2', 2)]
  const fold = Fold.of(facts, rules, NO_CUTS)
  assert.deepEqual(
    fold.links.map(({ status }) => status),
    ['joined', 'refused'],
  )
  assert.equal(fold.profileOf('userId:u2')?.members.length, 1)
})

test('an alias joins two users, and what they share may come later', () => {
  const facts = [
    fact('userId:u1', 'userId:u2', 1, { explicit: true }),
    fact('anonymousId:a', 'userId:u1', 2),
    fact('anonymousId:a', 'userId:u2', 3),
    fact('anonymousId:b', 'userId:u3', 4),
    fact('anonymousId:b', 'userId:u1', 5),
  ]
  const statuses = Fold.of(facts, rules, NO_CUTS).links.map(({ status }) => status)
  assert.deepEqual(statuses, ['joined', 'joined', 'joined', 'joined', 'refused'])
})

test('caps: identifiers, merges and hubs refuse what comes after', () => {
  const small = new Rules({ ...defaultRules, maxIdentifiers: 3, maxMerges: 0, hubLinks: 2, defaultLimit: 9, types: [] })
  const reasons = (facts: Fact[]) =>
    Fold.of(facts, small, NO_CUTS).links.map((link) => (link.status === 'refused' ? link.reason : link.status))
  assert.deepEqual(reasons([fact('x:1', 'x:2', 1), fact('x:2', 'x:3', 2), fact('x:1', 'x:4', 3)]), [
    'joined',
    'joined',
    'too_many_identifiers',
  ])
  assert.deepEqual(reasons([fact('x:1', 'x:2', 1), fact('x:1', 'x:3', 2), fact('x:1', 'x:4', 3)]), [
    'joined',
    'joined',
    'hub',
  ])
  const two = new Rules({ ...defaultRules, maxMerges: 0, defaultLimit: 9, types: [] })
  const merge = [fact('x:1', 'x:2', 1), fact('x:3', 'x:4', 2), fact('x:1', 'x:3', 3)]
  assert.deepEqual(Fold.of(merge, two, NO_CUTS).links.at(-1), {
    fact: merge[2],
    status: 'refused',
    reason: 'too_many_merges',
  })
})

test('any order of arrival, in any parts, with copies, gives the graph of one fold', () => {
  const tight = new Rules({ ...defaultRules, defaultLimit: 2, maxIdentifiers: 6, maxMerges: 1, hubLinks: 4 })
  fc.assert(
    fc.property(arbitraryFacts, fc.array(fc.nat(), { minLength: 60, maxLength: 60 }), (facts, shuffle) => {
      const arrival = [...facts, ...facts.slice(0, 3)]
        .map((each, at) => ({ each, by: shuffle[at % shuffle.length] as number }))
        .sort((one, other) => one.by - other.by)
        .map(({ each }) => each)
      const component = new Component(1, tight, NO_CUTS)
      for (let at = 0; at < arrival.length;) {
        const take = 1 + ((shuffle[at % shuffle.length] as number) % 3)
        component.add(arrival.slice(at, at + take))
        at += take
      }
      assert.equal(graphText([component.fold]), graphTextOf(facts, tight))
    }),
    { numRuns: 5_000 },
  )
})

test('facts and a cut give the graph of the facts without that pair', () => {
  fc.assert(
    fc.property(arbitraryFacts, fc.nat(), (facts, choice) => {
      const chosen = facts[choice % facts.length] as Fact
      const cuts = new Map([[pairOf(chosen), {}]])
      const without = facts.filter((each) => pairOf(each) !== pairOf(chosen))
      const cut = new Component(1, rules, cuts, facts)
      assert.equal(graphText([cut.fold]), graphTextOf(without, rules))
    }),
    { numRuns: 5_000 },
  )
})

test('no profile goes over a limit that no alias has broken, and every member is in one profile', () => {
  fc.assert(
    fc.property(arbitraryFacts, (facts) => {
      const seen = facts.filter(({ explicit }) => !explicit)
      const { profiles } = new Component(1, rules, NO_CUTS, seen).fold
      const members = [...profiles].flatMap((profile) => profile.members)
      assert.equal(new Set(members).size, members.length)
      for (const { counts } of profiles) {
        for (const [type, count] of counts) assert.ok(count <= rules.limitOf(type), `${type} ${count}`)
      }
    }),
  )
})
