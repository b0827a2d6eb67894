import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStateStore } from '@millrace/testkit'
import * as fc from 'fast-check'
import { IdentityGraph } from './identity-graph.ts'
import type { GraphChange } from './identity-graph.ts'
import { Rules, defaultRules } from './rule-set.ts'
import { arbitraryFacts, fact } from './testing/facts.ts'
import { graphTextOf } from './testing/graph-text.ts'
import { readGraph } from './testing/read-graph.ts'

const rules = new Rules({ ...defaultRules, defaultLimit: 2, maxIdentifiers: 6, maxMerges: 1, hubLinks: 5 })

test('what is stored, in any order and parts, over restarts and failed commits, is the graph of all facts', async () => {
  await fc.assert(
    fc.asyncProperty(
      arbitraryFacts,
      fc.array(fc.nat({ max: 9 }), { minLength: 20, maxLength: 20 }),
      async (facts, dice) => {
        const state = new MemoryStateStore()
        let graph = await IdentityGraph.open({ state, rules, cachedFacts: 8 })
        let at = 0
        for (let step = 0; at < facts.length; step++) {
          const die = dice[step % dice.length] as number
          const part = facts.slice(at, at + 1 + (die % 4))
          const change = await graph.take(part)
          if (die === 9) {
            await assert.rejects(failing(state, change))
            await graph.forget()
            if (step > 50) at += part.length
            else dice[step % dice.length] = 8
            continue
          }
          await state.transaction((tx) => change.write(tx))
          at += part.length
          if (die === 7) graph = await IdentityGraph.open({ state, rules, cachedFacts: 8 })
        }
        assert.equal(await readGraph(state, graph), graphTextOf(facts, rules))
      },
    ),
    { numRuns: 2_000 },
  )
})

test('a cut separates, lasts over new evidence and a restart, and can be taken back', async () => {
  const state = new MemoryStateStore()
  const link = fact('anonymousId:a1', 'userId:u1', 5)
  let graph = await IdentityGraph.open({ state, rules })
  const store = async (change: GraphChange | undefined) => state.transaction((tx) => change?.write(tx))
  await store(await graph.take([link]))
  assert.equal((await graph.profileOf('anonymousId:a1'))?.first, 'userId:u1')
  await store(await graph.cut({ a: link.a, b: link.b, by: 'test', at: 'now' }))
  assert.equal((await graph.profileOf('anonymousId:a1'))?.first, undefined)
  graph = await IdentityGraph.open({ state, rules })
  await store(await graph.take([fact('anonymousId:a1', 'userId:u1', 3), fact('anonymousId:a1', 'userId:u1', 9)]))
  assert.equal((await graph.profileOf('anonymousId:a1'))?.first, undefined)
  await store(await graph.uncut(link))
  assert.equal((await graph.profileOf('anonymousId:a1'))?.first, 'userId:u1')
  assert.deepEqual([...(await IdentityGraph.open({ state, rules })).cuts], [])
})

test('a component of many facts is read back from its chunks', async () => {
  const state = new MemoryStateStore()
  const graph = await IdentityGraph.open({ state, rules })
  const users = Array.from({ length: 500 }, (_, at) => fact('anonymousId:kiosk', `userId:u${at}`, at + 1))
  for (let at = 0; at < users.length; at += 7) {
    const change = await graph.take(users.slice(at, at + 7))
    await state.transaction((tx) => change.write(tx))
  }
  const again = await IdentityGraph.open({ state, rules })
  assert.equal(await readGraph(state, again), graphTextOf(users, rules))
  assert.equal((await again.componentOf('userId:u499'))?.facts.length, 500)
})

const failing = (state: MemoryStateStore, change: GraphChange): Promise<void> =>
  state.transaction((tx) => {
    change.write(tx)
    throw new Error('disk full')
  })
