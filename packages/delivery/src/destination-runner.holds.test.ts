import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from '@millrace/component-kit'
import { VirtualClock } from '@millrace/testkit'
import { decodeDeadLetter, deliveryState } from './delivery-state.ts'
import type { DeliverySettings } from './delivery-settings.ts'
import type { RunnerStatus } from './runner-status.ts'
import { FakeDestination, configOf } from './testing/fake-destination.ts'
import { opened, rowsOf, startRunner } from './testing/start-runner.ts'

const HOUR = 3_600_000
const ok: Outcome = { status: 'delivered' }
const busy: Outcome = { status: 'retry', code: 'http_503', message: 'down' }
const unauthorized: Outcome = { status: 'unauthorized', code: 'http_401', message: 'who?' }

/** A runner over 40 messages under a virtual clock, whose receiver answers by the time since the start. */
const run = async (
  script: (atMs: number, id: string) => Outcome,
  delivery: Partial<DeliverySettings> = {},
  check?: (atMs: number) => Outcome,
) => {
  const clock = new VirtualClock()
  const startMs = clock.now()
  const at = (): number => clock.now() - startMs
  const scene = await opened(rowsOf(20), rowsOf(20, 20))
  const fake = new FakeDestination()
  const callsAt: number[] = []
  const checksAt: number[] = []
  fake.script = async (_, { messageId }) => {
    callsAt.push(at())
    await clock.sleep(10)
    return script(at(), messageId)
  }
  if (check !== undefined) {
    Object.assign(fake.destination, {
      check: async () => {
        checksAt.push(at())
        return check(at())
      },
    })
  }
  const config = configOf({
    delivery: { ...configOf().delivery, firstRetryDelayMs: 1_000, maxRetryDelayMs: 60_000, ...delivery },
  })
  const feed = scene.newFeed({ clock, pollMs: { busy: 10, idle: HOUR } })
  const { runner, stop } = await startRunner(scene, fake, { config, clock, feed })
  const until = async (holds: (status: RunnerStatus) => boolean): Promise<RunnerStatus> => {
    assert.ok(await clock.run(() => holds(runner.status()), 100 * HOUR), JSON.stringify(runner.status()))
    return runner.status()
  }
  const pass = async (ms: number): Promise<void> => {
    const endMs = clock.now() + ms
    void clock.sleep(ms)
    await clock.run(() => clock.now() >= endMs, ms)
  }
  const finish = async () => {
    await until(({ cursor }) => cursor.block === 2)
    await stop()
    assert.deepEqual(await scene.problems(), [])
    return (await scene.state.scan(deliveryState.dead)).map(({ value }) => decodeDeadLetter(value))
  }
  return { clock, startMs, scene, fake, runner, callsAt, checksAt, until, pass, stop, finish }
}

const circuit = { circuitFailureShare: 0.5, circuitMinRequests: 4, circuitProbeDelayMs: 5_000 }

test('a destination that is down opens its circuit, is probed with one batch at growing pauses, and goes on by itself', async () => {
  const { callsAt, until, finish, startMs } = await run((atMs) => (atMs < 20 * 60_000 ? busy : ok), circuit)
  const { hold } = await until(({ state }) => state === 'open')
  assert.equal(hold?.cause, 'circuit')
  assert.equal(hold.reason, 'http_503: down')
  assert.equal(hold.nextAttemptMs, hold.sinceMs + 5_000)
  const openMs = hold.sinceMs - startMs
  const dead = await finish()
  assert.deepEqual(dead, [])
  const probes = callsAt.filter((atMs) => atMs > openMs && atMs < 20 * 60_000 - 10)
  const gaps = probes.map((atMs, index) => atMs - (probes[index - 1] ?? openMs))
  assert.ok(
    gaps.every((gap, index) => gap >= 5_000 && gap >= Math.min(60_000, 5_000 * 2 ** index)),
    gaps.join(),
  )
  // Twenty minutes with a probe a minute: the backlog cost next to nothing.
  assert.ok(probes.length > 10 && probes.length < 30, `${probes.length} probes`)
})

test('while the circuit is open nothing is scanned', async () => {
  const { scene, runner, until, pass, stop, clock } = await run(() => busy, circuit)
  await until(({ state }) => state === 'open')
  const before = runner.status().inFlight
  await scene.add(rowsOf(500, 40))
  await pass(HOUR)
  assert.equal(runner.status().inFlight, before)
  let stopped = false
  const stopping = stop().then(() => (stopped = true))
  await clock.run(() => stopped, HOUR)
  await stopping
})

test('one message that always fails does not keep the circuit open for the others', async () => {
  const script = (_: number, id: string): Outcome => (id === 'm3' ? busy : ok)
  const { finish } = await run(script, {
    ...circuit,
    circuitMinRequests: 1,
    circuitFailureShare: 0.01,
    retryWindowMs: HOUR,
  })
  const dead = await finish()
  assert.deepEqual(
    dead.map(({ messageId, reason }) => [messageId, reason]),
    [['m3', 'retry_window']],
  )
})

test('too few requests, or too few failures among them, do not open the circuit', async () => {
  const states = new Set<string>()
  const { until, finish } = await run(
    (_, id) => (Number(id.slice(1)) % 10 === 9 && !states.has(id) ? (states.add(id), busy) : ok),
    circuit,
  )
  await until(({ state, cursor }) => {
    assert.notEqual(state, 'open')
    return cursor.block === 2
  })
  await finish()
  assert.equal(states.size, 4)
})

test('credentials that the check finds refused too pause the destination; it goes on by itself, and nothing dies', async () => {
  const repairedMs = 10 * HOUR
  const by = (atMs: number): Outcome => (atMs < repairedMs ? unauthorized : ok)
  const { until, finish, callsAt, checksAt, runner } = await run(by, { retryWindowMs: 60_000 }, by)
  const { hold } = await until(({ state }) => state === 'paused')
  assert.equal(hold?.cause, 'unauthorized')
  assert.equal(hold.reason, 'http_401: who?')
  assert.deepEqual(await finish(), [])
  // Each lane's first batch was refused, and nothing more was sent until the check passed.
  assert.ok(callsAt.filter((atMs) => atMs < repairedMs).length <= 4, callsAt.join())
  const pauses = checksAt.slice(3).map((atMs, index) => atMs - (checksAt[index + 2] as number))
  assert.ok(Math.max(...pauses) <= 600_000 && pauses.length < 80, pauses.join())
  assert.equal(runner.status().state, 'running')
})

test('a changed configuration asks the check at once', async () => {
  let repaired = false
  const by = (): Outcome => (repaired ? ok : unauthorized)
  const { until, pass, runner, finish, clock, startMs } = await run(by, {}, by)
  await until(({ state }) => state === 'paused')
  await pass(2 * HOUR)
  repaired = true
  const changedMs = clock.now()
  runner.update(configOf(), 2)
  await until(({ state }) => state === 'running')
  assert.ok(clock.now() - changedMs < 1_000, `${clock.now() - startMs}`)
  assert.deepEqual(await finish(), [])
})

test('where the check passes, the message is to blame and is dead(rejected)', async () => {
  const { finish, checksAt } = await run(
    (_, id) => (id === 'm7' ? unauthorized : ok),
    {},
    () => ok,
  )
  const dead = await finish()
  assert.deepEqual(
    dead.map(({ messageId, reason, code }) => [messageId, reason, code]),
    [['m7', 'rejected', 'http_401']],
  )
  assert.equal(checksAt.length, 1)
})

test('without a check, and while the check cannot be asked, refused credentials are tried again', async () => {
  for (const check of [undefined, () => busy]) {
    const { finish, callsAt } = await run((atMs) => (atMs < 5_000 ? unauthorized : ok), {}, check)
    assert.deepEqual(await finish(), [])
    assert.ok(callsAt.length > 40)
  }
})

test('an operator pauses and resumes: the cursor stands still, what is in flight ends, and no retry window runs out', async () => {
  const failing = new Set(['m0'])
  const { runner, callsAt, fake, until, pass, finish, clock } = await run((_, id) => (failing.delete(id) ? busy : ok), {
    retryWindowMs: 60_000,
  })
  await until(() => fake.received.length >= 4)
  runner.pause({ sinceMs: clock.now(), reason: 'maintenance' })
  await pass(1_000)
  const [calls, { cursor, state, hold }] = [callsAt.length, runner.status()]
  assert.equal(state, 'paused')
  assert.deepEqual([hold?.cause, hold?.reason, hold?.nextAttemptMs], ['operator', 'maintenance', undefined])
  await pass(5 * HOUR)
  assert.equal(callsAt.length, calls)
  assert.deepEqual(runner.status().cursor, cursor)
  runner.resume()
  assert.deepEqual(await finish(), [])
  assert.equal(new Set(fake.accepted.map(({ id }) => id)).size, 40)
})
