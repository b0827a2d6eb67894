import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { ActionLedger, DestinationLedger } from '@millrace/protocol'
import { seededRandom } from '@millrace/testkit'
import type { ConfiguredAction } from './destination-config.ts'
import { pruneOutcomes } from './prune-outcomes.ts'
import { renameDestination } from './rename-destination.ts'
import { FakeDestination, configOf, sendTracks } from './testing/fake-destination.ts'
import { Scene } from './testing/scene.ts'
import type { TestRow } from './testing/scene.ts'
import { startRunner } from './testing/start-runner.ts'
import { traceDeliveries } from './trace-deliveries.ts'

/** Triggers, and the same said once more without the language. */
const triggers: { trigger: string; takes: (row: TestRow) => boolean }[] = [
  { trigger: 'type != null', takes: () => true },
  { trigger: 'type = "track"', takes: ({ type }) => type === undefined },
  { trigger: 'event = "Order"', takes: ({ type, event }) => type === undefined && event === 'Order' },
  { trigger: 'type = "page"', takes: ({ type }) => type === 'page' },
]
const actionNames = ['send', 'copy', 'first', 'second'] as const
const kinds = ['delivered', 'rejected', 'retry_window', 'invalid'] as const
type Kind = (typeof kinds)[number]
/** From bad to good. */
const order: readonly Kind[] = ['retry_window', 'invalid', 'rejected', 'delivered']

interface Plan extends ConfiguredAction {
  takes: (row: TestRow) => boolean
}

/** What a receiver says to an action and a message, drawn from the message's id. */
const kindOf = (action: string, { id = '', more }: TestRow): Kind =>
  more !== undefined ? 'invalid' : (kinds[((Number(id.slice(1)) * 7 + action.length) % 5) % 3] as Kind)

const emptyAction = (): ActionLedger => ({ delivered: 0, dead: {} })
const addTo = (ledger: ActionLedger, kind: Kind): void => {
  if (kind === 'delivered') ledger.delivered++
  else ledger.dead[kind] = (ledger.dead[kind] ?? 0) + 1
}

/** The account of one source as it must be, from rows and plans alone. */
const expectedOf = (scene: Scene, plans: readonly Plan[], source: string) => {
  const message = emptyAction()
  const actions: Record<string, ActionLedger> = {}
  for (const { row } of scene.rows) {
    if (row.rejected || row.duplicate || (row.source ?? 'web') !== source) continue
    const matched = plans.filter(({ takes }) => takes(row))
    for (const { name, action } of matched) addTo((actions[name] ??= emptyAction()), kindOf(action, row))
    const worst = order.find((kind) => matched.some(({ action }) => kindOf(action, row) === kind))
    if (worst !== undefined) addTo(message, worst)
  }
  return { delivered: message.delivered, dead: message.dead, actions }
}

const accountOf = (ledgers: readonly DestinationLedger[], id: string, source: string) => {
  const found = ledgers.find((ledger) => ledger.destination === id && ledger.source === source)
  return { delivered: found?.delivered ?? 0, dead: found?.dead ?? {}, actions: found?.actions ?? {} }
}

const assertAccounts = async (scene: Scene, plans: readonly Plan[], id: string): Promise<void> => {
  const ledgers = await scene.ledgers()
  for (const source of ['web', 'app']) {
    assert.deepEqual(accountOf(ledgers, id, source), expectedOf(scene, plans, source), `${id} ${source}`)
  }
  assert.deepEqual(await scene.problems(), [])
}

const assertTraces = async (scene: Scene, plans: readonly Plan[]): Promise<void> => {
  const feed = scene.newFeed()
  for (const { place, row } of scene.rows) {
    const stages = (await traceDeliveries(scene.state, feed, place)).map(({ action, outcome, reason }) =>
      [action, outcome, reason].filter((part) => part !== undefined).join(' '),
    )
    const matched = plans.filter(({ takes }) => takes(row)).sort((a, b) => (a.name < b.name ? -1 : 1))
    const expected = matched.map(({ name, action }) => {
      const kind = kindOf(action, row)
      return kind === 'delivered' ? `${name} delivered` : `${name} dead ${kind}`
    })
    const isMessage = row.rejected !== true && row.duplicate !== true
    assert.deepEqual(stages, !isMessage ? [] : expected.length === 0 ? ['filtered no_action'] : expected)
  }
  feed.close()
}

test('whatever matches and comes of it, each action has its sub-ledger, and the worst of them counts for the message', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(0xffff_ffff), fc.constantFrom(1, 3, 50), async (seed, batch) => {
      const random = seededRandom(seed)
      const plans = Array.from({ length: 1 + random.integer(6) }, (_, at): Plan => {
        const name = random.pick(['', 'a/b ', 'ü ']) + `m${at}`
        return { name, action: random.pick(actionNames), fields: sendTracks.fields, ...random.pick(triggers) }
      })
      const scene = new Scene()
      await scene.openAccount('hook')
      let next = 0
      for (let block = 0; block < 1 + random.integer(6); block++) {
        const rows = Array.from({ length: random.integer(9) }, (): TestRow => {
          const id = `m${next++}`
          const draw = random.integer(8)
          if (draw === 0) return { rejected: true }
          if (draw === 1) return { id, duplicate: true }
          const source = random.pick(['web', 'app'])
          if (draw === 2) return { id, source, more: { number: 'no number' } }
          if (draw === 3) return { id, source, type: 'page' }
          return { id, source, person: `p${random.integer(4)}`, event: random.pick(['E', 'Order']) }
        })
        await scene.add(rows)
      }
      const rowOf = new Map(scene.rows.map(({ row }) => [row.id, row]))
      const fake = new FakeDestination({ maxMessages: batch })
      fake.script = (action, { messageId }) => {
        const kind = kindOf(action, rowOf.get(messageId) ?? {})
        if (kind === 'delivered') return { status: 'delivered' }
        return { status: kind === 'rejected' ? 'rejected' : 'retry', code: kind, message: 'no' }
      }
      const config = configOf({ actions: plans, delivery: { ...configOf().delivery, retryWindowMs: 0 } })
      const { stop } = await startRunner(scene, fake, { config })
      await scene.untilDone('hook')
      await stop()
      await assertAccounts(scene, plans, 'hook')
      await assertTraces(scene, plans)

      // Retention takes some of the rows and their records; the account stays, under another name too.
      const tail = random.integer(2 + (await scene.log.head()))
      await scene.log.truncate(Math.min(tail, await scene.log.head()))
      await pruneOutcomes(scene.state, 'hook', await scene.log.tail())
      await assertAccounts(scene, plans, 'hook')
      await renameDestination(scene.state, 'hook', 'posts')
      await assertAccounts(scene, plans, 'posts')
      assert.deepEqual(accountOf(await scene.ledgers(), 'hook', 'web').actions, {})
    }),
    { numRuns: 80 },
  )
})
