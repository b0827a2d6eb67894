import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStateStore } from '@millrace/testkit'
import * as fc from 'fast-check'
import { factsOf } from './collect-facts.ts'
import { pairOf } from './fact.ts'
import type { Fact } from './fact.ts'
import type { GraphChange } from './identity-graph.ts'
import { IdentityResolver } from './identity-resolver.ts'
import { Rules, defaultRules } from './rule-set.ts'
import { graphTextOf } from './testing/graph-text.ts'
import { arbitraryMessages, blockOf, fingerprinter, identityMessageOf } from './testing/messages.ts'
import type { SentMessage } from './testing/messages.ts'
import { readGraph } from './testing/read-graph.ts'

/** Tight, so that limits, caps and hubs are met with few messages. */
const rules = new Rules({ ...defaultRules, defaultLimit: 3, maxIdentifiers: 6, maxMerges: 1, hubLinks: 6 })
/** Continuous integration runs the number that the promise is about. */
const RUNS = process.env['CI'] === 'true' ? 100_000 : 3_000

/** What a run does beside taking messages: one number for each message, of which the parts decide different things. */
const arbitraryDice = fc.array(fc.nat({ max: 999 }), { minLength: 16, maxLength: 16 })

class Run {
  readonly state = new MemoryStateStore()
  #resolver: IdentityResolver

  private constructor(resolver: IdentityResolver, state: MemoryStateStore) {
    this.#resolver = resolver
    this.state = state
  }

  static async begin(): Promise<Run> {
    const state = new MemoryStateStore()
    return new Run(await open(state), state)
  }

  async restart(): Promise<void> {
    this.#resolver = await open(this.state)
  }

  async take(part: readonly SentMessage[]): Promise<void> {
    // Messages of two blocks, as a step of resolve reads them.
    const middle = Math.ceil(part.length / 2)
    const blocks = [part.slice(0, middle), part.slice(middle)].map((each) => ({ block: blockOf(each), skipped: [] }))
    await this.#commit(await this.#resolver.step(blocks))
  }

  /** What was computed is not stored, as on a full disk. */
  async fail(part: readonly SentMessage[]): Promise<void> {
    const step = await this.#resolver.step([{ block: blockOf(part), skipped: [] }])
    this.state.failNextTransaction()
    await assert.rejects(this.#commit(step))
    await this.#resolver.forget()
  }

  async cut({ a, b }: Fact): Promise<void> {
    await this.#commit(await this.#resolver.cut({ a, b, by: 'test', at: 'now' }))
  }

  async uncut(pair: Fact): Promise<void> {
    await this.#commit(await this.#resolver.uncut(pair))
  }

  graph(): Promise<string> {
    return readGraph(this.state, this.#resolver.graph)
  }

  async #commit(change: Pick<GraphChange, 'write'> | undefined): Promise<void> {
    await this.state.transaction((tx) => change?.write(tx))
  }
}

const open = (state: MemoryStateStore): Promise<IdentityResolver> =>
  IdentityResolver.open({ state, rules, fingerprinter, cacheSlots: 16 })

const arrivalOf = (sent: readonly SentMessage[], dice: readonly number[]): SentMessage[] =>
  sent
    .map((each, at) => ({ each, by: dice[at % dice.length] as number }))
    .sort((one, other) => one.by - other.by)
    .map(({ each }) => each)

test('any order of arrival, in any parts, with copies, over restarts and failed commits, gives one graph', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryMessages, arbitraryDice, async (sent, dice) => {
      const arrival = arrivalOf(sent, dice)
      const run = await Run.begin()
      for (let at = 0; at < arrival.length;) {
        const die = dice[at % dice.length] as number
        const size = 1 + (die % 7)
        // What was sent before comes along again, as after a request whose answer was lost, or in a replay.
        const part = [...arrival.slice(at, at + size), ...(die > 700 ? arrival.slice(0, at) : [])]
        if (die % 10 === 0) await run.fail(part)
        await run.take(part)
        at += size
        if (die % 4 === 0) await run.restart()
      }
      const expected = graphTextOf(factsOfAll(sent), rules)
      assert.equal(await run.graph(), expected, 'as it was kept up')
      await run.restart()
      assert.equal(await run.graph(), expected, 'as it is computed from what is stored')
    }),
    { numRuns: RUNS },
  )
})

test('messages and a cut, made at any moment, give the graph of the messages without that pair; taking it back, that of all', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryMessages, arbitraryDice, fc.nat(), async (sent, dice, choice) => {
      const facts = factsOfAll(sent)
      const chosen = facts[choice % facts.length]
      if (chosen === undefined) return
      const arrival = arrivalOf(sent, dice)
      const moment = (dice[0] as number) % (arrival.length + 1)
      const run = await Run.begin()
      await run.take(arrival.slice(0, moment))
      if ((dice[1] as number) % 10 === 0) await run.restart()
      await run.cut(chosen)
      if ((dice[2] as number) % 10 === 0) await run.restart()
      await run.take([...arrival.slice(moment), ...((dice[3] as number) % 2 === 0 ? arrival : [])])
      const without = facts.filter((each) => pairOf(each) !== pairOf(chosen))
      assert.equal(await run.graph(), graphTextOf(without, rules))
      await run.uncut(chosen)
      assert.equal(await run.graph(), graphTextOf(facts, rules))
    }),
    { numRuns: RUNS / 10 },
  )
})

const factsOfAll = (sent: readonly SentMessage[]): Fact[] =>
  sent.flatMap((each) => [...factsOf(identityMessageOf(each), rules)])
