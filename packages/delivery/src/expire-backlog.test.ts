import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from '@millrace/component-kit'
import type { TraceStage } from '@millrace/protocol'
import type { Cursor } from '@millrace/storage'
import * as fc from 'fast-check'
import { systemClock } from './clock.ts'
import { consumerOf, decodeMeta, deliveryState } from './delivery-state.ts'
import type { DestinationConfig } from './destination-config.ts'
import { expireBacklog } from './expire-backlog.ts'
import { FakeDestination, configOf, copyOrders, sendTracks } from './testing/fake-destination.ts'
import { receivedAtMs } from './testing/scene.ts'
import type { Scene, TestRow } from './testing/scene.ts'
import { opened, startRunner } from './testing/start-runner.ts'
import { Turns } from './turns.ts'
import { traceDeliveries } from './trace-deliveries.ts'

const delivery = { ...configOf().delivery, concurrency: 64 }
const config = configOf({ actions: [sendTracks, copyOrders], sources: ['web', 'app'], delivery })
const parking = { ...config, delivery: { ...delivery, parkAfterMs: 0 } }
const { signal } = new AbortController()
const DIED = 'the process is dead'

/** Runs for some turns, then is paused and stopped, and what waits in the blocks before `before` expires. */
const runAndExpire = async (
  scene: Scene,
  fake: FakeDestination,
  options: { turns: number; before: number; commits?: number; scanning?: Turns; config?: DestinationConfig },
): Promise<{ expired: number; died: boolean }> => {
  const { turns, before, commits, scanning } = options
  const feed = scene.newFeed()
  const { runner } = await startRunner(scene, fake, {
    config: options.config ?? config,
    feed,
    ...(scanning && { turns: scanning }),
  })
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
  runner.pause({ sinceMs: 0, reason: 'a test' })
  await runner.stop()
  const leftover = runner.leftover()
  assert.ok(leftover !== undefined)
  const transaction = scene.state.transaction.bind(scene.state)
  let left = commits ?? Number.POSITIVE_INFINITY
  scene.state.transaction = async (write) => {
    if (left-- <= 0) throw new Error(DIED)
    await transaction(write)
  }
  const { state } = scene
  const now = (): number => receivedAtMs + 1000
  try {
    const expired = await expireBacklog({
      id: 'hook',
      leftover,
      before,
      workspaceVersion: 1,
      feed,
      state,
      now,
      signal,
    })
    return { expired, died: false }
  } catch (error) {
    if ((error as Error).message !== DIED) throw error
    return { expired: 0, died: true }
  } finally {
    scene.state.transaction = transaction
    feed.close()
  }
}

/** Each look at the clock is a turn of its own, so scanning gives way after every row. */
const shortTurns = (): Turns => {
  let preciseMs = 0
  return new Turns({ clock: systemClock, preciseMs: () => (preciseMs += 10) })
}

const cursorOf = async (scene: Scene): Promise<Cursor> =>
  (await scene.state.cursor(consumerOf('hook'))) ?? { block: 0, index: 0 }

const expiredOf = async (scene: Scene): Promise<number> => {
  const meta = await scene.state.get(deliveryState.meta, ['hook'])
  return meta === undefined ? 0 : (decodeMeta(meta).expired?.messages ?? 0)
}

const deadOf = async (scene: Scene, reason: string): Promise<number> =>
  (await scene.ledgers()).reduce((sum, { dead }) => sum + (dead[reason] ?? 0), 0)

test('what a paused destination waits for expires up to a block; what it is not for stays filtered', async () => {
  const scene = await opened(
    [{ id: 'a' }, { id: 'page', type: 'page' }, { id: 'left', integrations: { Hook: false } }],
    [
      { id: 'b', event: 'Order' },
      { id: 'dup', duplicate: true },
      { id: 'other', source: 'elsewhere' },
    ],
    [{ id: 'c' }],
  )
  const { expired } = await runAndExpire(scene, new FakeDestination(), { turns: 0, before: 2 })
  assert.equal(expired, 2)
  assert.deepEqual(await cursorOf(scene), { block: 2, index: 0 })
  const [web, elsewhere] = await scene.ledgers()
  assert.deepEqual(
    [web?.dead, web?.filtered, web?.pending.waiting, web?.actions],
    [
      { expired: 2 },
      { no_action: 1, integrations: 1 },
      1,
      { copy: { delivered: 0, dead: { expired: 1 } }, send: { delivered: 0, dead: { expired: 2 } } },
    ],
  )
  assert.deepEqual(elsewhere?.filtered, { not_connected: 1 })
  const meta = decodeMeta((await scene.state.get(deliveryState.meta, ['hook'])) ?? Buffer.of())
  assert.deepEqual(meta.expired, { messages: 2, fromMs: receivedAtMs, toMs: receivedAtMs, atMs: receivedAtMs + 1000 })
  assert.deepEqual(await scene.state.scan(deliveryState.dead), [], 'a million of them must not cost a million letters')
  assert.deepEqual(await scene.problems(), [])
})

test('what was delivered behind a message that waits stays delivered', async () => {
  const scene = await opened([{ id: 'stuck', person: 'x' }, { id: 'a' }, { id: 'bad', person: 'y' }, { id: 'b' }])
  const fake = new FakeDestination()
  fake.script = (_, { messageId }): Outcome =>
    messageId === 'stuck'
      ? { status: 'retry', code: 'http_503', message: 'down', afterMs: 3_600_000 }
      : messageId === 'bad'
        ? { status: 'rejected', code: 'no', message: 'no' }
        : { status: 'delivered' }
  await runAndExpire(scene, fake, { turns: 50, before: 1 })
  const [ledger] = await scene.ledgers()
  assert.deepEqual([ledger?.delivered, ledger?.dead], [2, { expired: 1, rejected: 1 }])
  assert.equal((await scene.state.scan(deliveryState.dead)).length, 1, 'the letter of the refused one is kept')
  assert.deepEqual(await scene.problems(), [])
})

test('what is parked in the blocks before expires, and what is parked after them stays parked', async () => {
  const scene = await opened(
    [
      { id: 'old', person: 'x' },
      { id: 'behind', person: 'x' },
    ],
    [{ id: 'a' }],
    [{ id: 'new', person: 'y' }],
  )
  const fake = new FakeDestination()
  fake.script = (_, { messageId }): Outcome =>
    messageId === 'a'
      ? { status: 'delivered' }
      : { status: 'retry', code: 'http_503', message: 'down', afterMs: 3_600_000 }
  const { runner, stop } = await startRunner(scene, fake, { config: parking })
  await scene.untilDone('hook')
  assert.equal(runner.status().parked, 3)
  await stop()
  const { expired } = await runAndExpire(scene, fake, { turns: 20, before: 2, config: parking })
  assert.equal(expired, 2)
  const [ledger] = await scene.ledgers()
  assert.deepEqual([ledger?.delivered, ledger?.dead, ledger?.pending.parked], [1, { expired: 2 }, 1])
  assert.equal(await expiredOf(scene), 2)
  assert.deepEqual(await scene.problems(), [])
})

test('a runner that was stopped in the middle of a block has its rows expire once', async () => {
  const scene = await opened(
    Array.from({ length: 5 }, (_, at) => ({ id: `m${at}`, person: `p${at}` })),
    [{ id: 'last' }],
  )
  for (let stopAfter = 0; stopAfter < 8; stopAfter++) {
    await runAndExpire(scene, new FakeDestination(), { turns: stopAfter, before: 1, scanning: shortTurns() })
    assert.deepEqual(await scene.problems(), [])
  }
  await runAndExpire(scene, new FakeDestination(), { turns: 0, before: 2, scanning: shortTurns() })
  assert.deepEqual(await scene.problems(), [])
  const [ledger] = await scene.ledgers()
  assert.equal((ledger?.delivered ?? 0) + (ledger?.dead['expired'] ?? 0), 6)
})

const row: fc.Arbitrary<TestRow> = fc.record(
  {
    source: fc.constantFrom('web', 'app', 'elsewhere'),
    type: fc.constantFrom('track', 'track', 'page'),
    event: fc.constantFrom('E', 'Order'),
    person: fc.constantFrom('p', 'q', 'r'),
    integrations: fc.constantFrom({ All: true }, { Hook: false }),
    rejected: fc.constant(true as const),
    duplicate: fc.constant(true as const),
  },
  { requiredKeys: ['source', 'type', 'event', 'person'] },
)

test('whatever waits, whenever it is stopped and wherever it dies, the account holds and nothing is told twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        blocks: fc.array(fc.array(row, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 8 }),
        answers: fc.array(fc.constantFrom('delivered', 'retry', 'rejected'), { minLength: 1, maxLength: 20 }),
        turns: fc.nat(30),
        before: fc.nat(9),
        commits: fc.nat(4),
        dies: fc.boolean(),
        stopsInside: fc.boolean(),
      }),
      async ({ blocks, answers, turns, before: wanted, commits, dies, stopsInside }) => {
        let number = 0
        const scene = await opened(...blocks.map((rows) => rows.map((each) => ({ ...each, id: `m${number++}` }))))
        const before = Math.min(wanted, blocks.length)
        const fake = new FakeDestination()
        fake.script = (_, __, call): Outcome => {
          const status = answers[call % answers.length] ?? 'delivered'
          return status === 'delivered' ? { status } : { status, code: 'x', message: 'x' }
        }
        const { expired, died } = await runAndExpire(scene, fake, {
          turns,
          before,
          ...(dies && { commits }),
          ...(stopsInside && { scanning: shortTurns() }),
        })
        assert.deepEqual(await scene.problems(), [])
        assert.equal(await deadOf(scene, 'expired'), await expiredOf(scene))
        if (!died) {
          assert.equal(await expiredOf(scene), expired)
          assert.ok((await cursorOf(scene)).block >= before)
        }
        const stages = await tracesOf(scene)
        for (const { id, action, outcome } of stages) {
          const accepted = fake.accepted.some((each) => each.id === id && each.action === action)
          assert.ok(outcome !== 'delivered' || accepted, `${id} is delivered at ${action} and was not`)
          assert.ok(outcome !== 'dead' || !accepted, `${id} was accepted by ${action} and is dead`)
        }
        // It is resumed: the rest is delivered, and what expired is not.
        const gone = stages.filter(({ reason }) => reason === 'expired')
        const again = new FakeDestination()
        const { stop } = await startRunner(scene, again, { config })
        await scene.untilDone('hook')
        await stop()
        assert.deepEqual(await scene.problems(), [])
        for (const { id, action } of gone) {
          assert.ok(!again.received.some((each) => each.id === id && each.action === action), `${id} came after all`)
        }
      },
    ),
    { numRuns: 150 },
  )
})

/** What the traces of all rows say of each action. */
const tracesOf = async (scene: Scene): Promise<(TraceStage & { id: string })[]> => {
  const feed = scene.newFeed()
  const stages: (TraceStage & { id: string })[] = []
  for (const { place, row: each } of scene.rows) {
    for (const stage of await traceDeliveries(scene.state, feed, place)) {
      if (stage.action !== undefined) stages.push({ ...stage, id: each.id ?? '' })
    }
  }
  feed.close()
  return stages
}
