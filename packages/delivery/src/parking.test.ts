import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from '@millrace/component-kit'
import { VirtualClock } from '@millrace/testkit'
import { decodeDeadLetter, deliveryState } from './delivery-state.ts'
import type { DeliverySettings } from './delivery-settings.ts'
import type { DestinationConfig } from './destination-config.ts'
import type { RunnerStatus } from './runner-status.ts'
import { oldestNeeded } from './oldest-needed.ts'
import { pruneOutcomes } from './prune-outcomes.ts'
import { FakeDestination, configOf, copyOrders, sendTracks } from './testing/fake-destination.ts'
import type { TestRow } from './testing/scene.ts'
import { opened, startRunner } from './testing/start-runner.ts'
import { traceDeliveries } from './trace-deliveries.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const ok: Outcome = { status: 'delivered' }
const busy: Outcome = { status: 'retry', code: 'http_503', message: 'down' }

/** A runner under a virtual clock that parks what fails for a second; its receiver answers by message and time since the start. */
const run = async (
  blocks: TestRow[][],
  script: (id: string, atMs: number, action: string) => Outcome,
  delivery: Partial<DeliverySettings> = {},
  changes: Partial<DestinationConfig> = {},
) => {
  const clock = new VirtualClock()
  const startMs = clock.now()
  const scene = await opened(...blocks)
  const fake = new FakeDestination()
  fake.script = async (action, { messageId }) => {
    await clock.sleep(10)
    return script(messageId, clock.now() - startMs, action)
  }
  const config = configOf({
    delivery: {
      ...configOf().delivery,
      parkAfterMs: 1_000,
      firstRetryDelayMs: 400,
      maxRetryDelayMs: MINUTE,
      ...delivery,
    },
    ...changes,
  })
  const begin = async () => {
    const feed = scene.newFeed({ clock, pollMs: { busy: 10, idle: MINUTE } })
    const started = await startRunner(scene, fake, { config, clock, feed, random: () => 1 })
    const { runner } = started
    const until = async (holds: (status: RunnerStatus) => boolean): Promise<void> => {
      assert.ok(await clock.run(() => holds(runner.status()), 100 * HOUR), JSON.stringify(runner.status()))
    }
    const stop = async (): Promise<void> => {
      let stopped = false
      const stopping = started.stop().then(() => (stopped = true))
      await clock.run(() => stopped, HOUR)
      await stopping
      assert.deepEqual(await scene.problems(), [])
    }
    /** Waits for the end of everything, and stops. */
    const finish = async (): Promise<void> => {
      const head = await scene.log.head()
      await until(({ cursor, parked }) => cursor.block === head && parked === 0)
      await stop()
    }
    return { runner, feed, until, stop, finish }
  }
  const pass = async (ms: number): Promise<void> => {
    const endMs = clock.now() + ms
    void clock.sleep(ms)
    await clock.run(() => clock.now() >= endMs, ms)
  }
  const ledger = async () => (await scene.ledgers())[0]
  return { clock, startMs, scene, fake, begin, pass, ledger }
}

const people = (...names: string[]): TestRow[] => names.map((person, at) => ({ id: `m${at}`, person }))
const ids = (fake: FakeDestination): string[] => fake.accepted.map(({ id }) => id)

test('what fails for a second is parked: the cursor passes it, others go on, and those of its key wait behind it in order', async () => {
  const { scene, fake, begin, ledger, pass } = await run([people('a', 'a', 'b', 'a', 'b')], (id, atMs) =>
    id === 'm0' && atMs < 10 * MINUTE ? busy : ok,
  )
  const { until, finish } = await begin()
  await until(({ cursor }) => cursor.block === 1)
  await pass(100)
  assert.deepEqual(ids(fake), ['m2', 'm4'])
  const before = await ledger()
  assert.deepEqual([before?.delivered, before?.pending], [2, { waiting: 0, inFlight: 0, parked: 3 }])
  assert.deepEqual(await scene.problems(), [])
  await scene.add([{ id: 'm5', person: 'a' }])
  await finish()
  assert.deepEqual(ids(fake), ['m2', 'm4', 'm0', 'm1', 'm3', 'm5'])
  const after = await ledger()
  assert.deepEqual([after?.delivered, after?.pending.parked], [6, 0])
  assert.equal((await scene.state.scan(deliveryState.parked)).length, 0)
})

test('a restart takes up what is parked where it was, and sends nothing else again', async () => {
  const { fake, begin, scene, pass } = await run([people('a', 'b', 'a')], (id, atMs) =>
    id === 'm0' && atMs < HOUR ? busy : ok,
  )
  const first = await begin()
  await first.until(({ cursor }) => cursor.block === 1)
  await pass(100)
  await first.stop()
  const attempts = fake.received.length
  const second = await begin()
  await second.until(({ parked }) => parked === 2)
  await scene.add([{ id: 'm3', person: 'a' }])
  await second.finish()
  assert.deepEqual(ids(fake), ['m1', 'm0', 'm2', 'm3'])
  assert.equal(new Set(fake.received.filter(({ id }) => id === 'm0').map(({ key }) => key)).size, 1)
  assert.equal(fake.received.slice(0, attempts).filter(({ id }) => id === 'm1').length, 1)
})

test('a parked delivery dies when its retry window ends, with its attempts, and the next of its key follows at once', async () => {
  const { fake, scene, begin, ledger } = await run([people('a', 'a')], (id) => (id === 'm0' ? busy : ok), {
    retryWindowMs: HOUR,
  })
  await (await begin()).finish()
  assert.deepEqual(ids(fake), ['m1'])
  const [letter] = (await scene.state.scan(deliveryState.dead)).map(({ value }) => decodeDeadLetter(value))
  assert.equal(letter?.reason, 'retry_window')
  assert.equal(letter.attempts, fake.received.filter(({ id }) => id === 'm0').length)
  assert.deepEqual(
    letter.history?.map(({ status }) => status),
    Array.from({ length: 23 }, () => 503),
  )
  assert.equal(letter.key, 'a')
  assert.deepEqual((await ledger())?.dead, { retry_window: 1 })
})

test('with the circuit open a failing delivery stays in its lane: the destination is to blame', async () => {
  const { begin, scene } = await run([people('a', 'b', 'c')], (_, atMs) => (atMs < HOUR ? busy : ok), {
    circuitMinRequests: 1,
    circuitFailureShare: 0.1,
  })
  const { until, finish } = await begin()
  await until(({ state }) => state === 'open')
  await until(({ state }) => state === 'running')
  assert.equal((await scene.state.scan(deliveryState.parked)).length, 0)
  await finish()
})

test('with order none nothing parks behind', async () => {
  const { fake, begin, pass } = await run(
    [people('a', 'a', 'a')],
    (id, atMs) => (id === 'm0' && atMs < HOUR ? busy : ok),
    { order: 'none' },
  )
  const { until, finish } = await begin()
  await until(({ parked }) => parked === 1)
  await pass(100)
  assert.deepEqual(ids(fake), ['m1', 'm2'])
  await finish()
})

test('too many behind one key: sendOn sends the later ones without waiting, and says of the parked that they were overtaken', async () => {
  const { fake, begin, scene, pass } = await run(
    [people('a', 'a')],
    (id, atMs) => (id === 'm0' && atMs < HOUR ? busy : ok),
    { parkedPerKey: 2 },
  )
  const { until, feed, finish } = await begin()
  await until(({ parked }) => parked === 2)
  await scene.add([
    { id: 'm2', person: 'a' },
    { id: 'm3', person: 'a' },
  ])
  await until(({ cursor }) => cursor.block === 2)
  await pass(1_000)
  assert.deepEqual(ids(fake), ['m2', 'm3'])
  const [stage] = await traceDeliveries(scene.state, feed, { block: 0, index: 0 })
  assert.deepEqual([stage?.outcome, stage?.reason, stage?.detail?.['overtaken']], ['pending', 'parked', true])
  await finish()
  assert.deepEqual(ids(fake), ['m2', 'm3', 'm0', 'm1'])
})

test('too many behind one key: dead makes the later ones dead(order), with letters', async () => {
  const { fake, begin, scene, ledger } = await run(
    [people('a', 'a', 'a', 'a')],
    (id, atMs) => (id === 'm0' && atMs < HOUR ? busy : ok),
    { parkedPerKey: 4, afterParking: 'dead' },
  )
  const { until, finish } = await begin()
  await until(({ parked }) => parked === 4)
  await scene.add([{ id: 'm4', person: 'a' }])
  await finish()
  assert.deepEqual(ids(fake), ['m0', 'm1', 'm2', 'm3'])
  assert.deepEqual((await ledger())?.dead, { order: 1 })
})

test('who has waited long behind one that fails is sent without waiting any longer', async () => {
  const { fake, begin, pass } = await run(
    [people('a', 'a')],
    (id, atMs) => (id === 'm0' && atMs < 40 * MINUTE ? busy : ok),
    { parkedForMs: 10 * MINUTE },
  )
  const { finish } = await begin()
  await pass(20 * MINUTE)
  assert.deepEqual(ids(fake), ['m1'])
  await finish()
  assert.deepEqual(ids(fake), ['m1', 'm0'])
})

test('with all places taken the circuit opens and nothing more is scanned, until there is room', async () => {
  const names = Array.from({ length: 20 }, (_, at) => `p${at}`)
  const { begin, scene, pass, ledger } = await run([people(...names)], (_, atMs) => (atMs < 30 * MINUTE ? busy : ok), {
    parkedMax: 5,
    concurrency: 1,
    parkAfterMs: 0,
  })
  const { runner, until, finish } = await begin()
  await until(({ state, hold }) => state === 'open' && hold?.reason.startsWith('parked_full') === true)
  await scene.add([{ id: 'm20', person: 'later' }])
  await pass(MINUTE)
  assert.ok(runner.status().cursor.block < 1, JSON.stringify(runner.status()))
  await finish()
  assert.equal((await ledger())?.delivered, 21)
})

test('a message with two actions of which one is parked is parked, and ends as the worst of both', async () => {
  const { begin, scene, ledger, clock, startMs } = await run(
    [[{ id: 'm0', event: 'Order' }]],
    (_, atMs, action) =>
      action === 'copy' && atMs < HOUR
        ? busy
        : action === 'send'
          ? { status: 'rejected', code: 'bad', message: '' }
          : ok,
    {},
    { actions: [sendTracks, copyOrders] },
  )
  const { until, finish } = await begin()
  await until(({ cursor }) => cursor.block === 1)
  await clock.run(() => clock.now() > startMs + MINUTE, MINUTE)
  assert.equal((await ledger())?.pending.parked, 1)
  assert.deepEqual((await ledger())?.actions['send'], { delivered: 0, dead: { rejected: 1 } })
  assert.deepEqual(await scene.problems(), [])
  await finish()
  const after = await ledger()
  assert.deepEqual([after?.dead, after?.actions['copy']?.delivered], [{ rejected: 1 }, 1])
})

test('a mapping that is repaired helps what is parked, one that is gone makes it dead(removed)', async () => {
  for (const isGone of [false, true]) {
    const { begin, ledger, fake } = await run([people('a')], () => (isRepaired ? ok : busy))
    let isRepaired = false
    const { runner, until, finish } = await begin()
    await until(({ parked }) => parked === 1)
    isRepaired = true
    const mapping = { ...sendTracks, fields: { ...sendTracks.fields, person: 'repaired' } }
    runner.update(configOf({ actions: isGone ? [copyOrders] : [mapping] }), 2)
    await finish()
    assert.deepEqual((await ledger())?.dead, isGone ? { removed: 1 } : {})
    if (!isGone) assert.equal(fake.accepted[0]?.person, 'repaired')
  }
})

test('the log is needed from the oldest parked message on, and what ended is taken into the pruned part with its record', async () => {
  const { begin, scene, ledger } = await run([people('a'), people('b'), people('c')], (_, atMs) =>
    atMs < HOUR ? busy : ok,
  )
  const { until, finish } = await begin()
  await until(({ cursor, parked }) => cursor.block === 3 && parked === 3)
  const cursor = { block: 3, index: 0 }
  assert.deepEqual(await oldestNeeded(scene.state, { id: 'hook', cursor }, 0), { block: 0, index: 0 })
  assert.deepEqual(await oldestNeeded(scene.state, { id: 'hook', cursor }, 1), { block: 1, index: 0 })
  await finish()
  assert.deepEqual(await oldestNeeded(scene.state, { id: 'hook', cursor }, 0), cursor)
  assert.equal((await scene.state.scan(deliveryState.late)).length, 3)
  await scene.log.truncate(3)
  assert.ok((await pruneOutcomes(scene.state, 'hook', 3)) > 0)
  assert.equal((await scene.state.scan(deliveryState.late)).length, 0)
  assert.equal((await ledger())?.delivered, 3)
  assert.deepEqual(await scene.problems(), [])
})
