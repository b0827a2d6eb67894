import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '@millrace/testkit'
import { configOf, FakeDestination } from './testing/fake-destination.ts'
import { until } from './testing/scene.ts'
import { opened, rowsOf, startRunner } from './testing/start-runner.ts'
import { Turns } from './turns.ts'
import type { Turn } from './turns.ts'

const opening = (busyShare?: () => number) => {
  const clock = new VirtualClock()
  const startMs = clock.now()
  let preciseMs = 0
  const turns = new Turns({ clock, preciseMs: () => preciseMs, busyShare })
  /** Work of some length on a block that was received so long ago. */
  const work = (turn: Turn, ms: number, ageMs: number, rows = 1): void => {
    turn.begin(clock.now() - ageMs)
    turn.matched()
    preciseMs += ms
    turn.end(rows)
  }
  /** How long it waits for its next turn. */
  const waitOf = async (turn: Turn): Promise<number> => {
    const fromMs = clock.now()
    let isThere = false
    void turn.next().finally(() => {
      isThere = true
    })
    assert.ok(await clock.run(() => isThere, 60_000))
    return clock.now() - fromMs
  }
  return { clock, startMs, turns, work, waitOf }
}

const OLD = 60_000

test('a turn is used up after 2 ms of work or 2,000 rows', async () => {
  const { turns, work, waitOf } = opening()
  const turn = turns.join()
  work(turn, 1.5, 0)
  assert.equal(turn.isUsedUp, false)
  work(turn, 0.5, 0)
  assert.equal(turn.isUsedUp, true)
  assert.equal(await waitOf(turn), 0)
  assert.equal(turn.isUsedUp, false)
  work(turn, 0, 0, 1_999)
  assert.equal(turn.isUsedUp, false)
  work(turn, 0, 0, 1)
  assert.equal(turn.isUsedUp, true)
})

test('who is behind has a quarter of the time while others take fresh messages, and all of it when none does', async () => {
  const { clock, turns, work, waitOf } = opening()
  const [laggard, fresh] = [turns.join(), turns.join()]
  work(laggard, 2, OLD)
  assert.equal(await waitOf(laggard), 0, 'nobody has taken fresh messages')
  work(fresh, 0, 0)
  assert.equal(await waitOf(fresh), 0)
  work(laggard, 2, OLD)
  assert.equal(await waitOf(laggard), 6)
  work(laggard, 20, OLD)
  assert.equal(await waitOf(laggard), 60, 'a long one is paid for')
  let isLater = false
  clock.setTimeout(() => {
    isLater = true
  }, 1_000)
  await clock.run(() => isLater, 1_000)
  work(laggard, 2, OLD)
  assert.equal(await waitOf(laggard), 0, 'nobody has within the last second')
})

test('the part of those behind is halved while the process is busy, and grows again when it is not', async () => {
  let busy = 0.9
  const { clock, turns, work, waitOf } = opening(() => busy)
  const [laggard, fresh] = [turns.join(), turns.join()]
  const wait = async (): Promise<number> => {
    work(fresh, 0, 0)
    work(laggard, 2, OLD)
    return waitOf(laggard)
  }
  const pass = async (ms: number): Promise<void> => {
    let isOver = false
    clock.setTimeout(() => {
      isOver = true
    }, ms)
    await clock.run(() => isOver, ms)
  }
  const waits: number[] = []
  for (let round = 0; round < 6; round++) {
    waits.push(await wait())
    await pass(100)
  }
  assert.deepEqual(waits, [14, 30, 62, 98, 98, 98], 'a fiftieth is the least')
  busy = 0.5
  for (let round = 0; round < 20; round++) {
    await wait()
    await pass(100)
  }
  assert.equal(await wait(), 6)
})

test('those that are behind share their quarter', async () => {
  const { clock, startMs, turns, work } = opening()
  work(turns.join(), 0, 0)
  const came: string[] = []
  for (const name of ['a', 'b', 'c']) {
    const turn = turns.join()
    work(turn, 2, OLD)
    void turn.next().then(() => came.push(`${name} ${clock.now() - startMs}`))
  }
  assert.ok(await clock.run(() => came.length === 3, 60_000))
  assert.deepEqual(came, ['a 6', 'b 12', 'c 18'])
})

test('a slow mapping gives way within a block: a message of another destination is not held up by it', async () => {
  const scene = await opened(rowsOf(400))
  await scene.openAccount('other')
  const [slow, other] = [new FakeDestination(), new FakeDestination()]
  let otherCameAfter: number | undefined
  other.script = () => {
    otherCameAfter ??= slow.received.length
    return { status: 'delivered' }
  }
  let calls = 0
  // Each look at the time costs a millisecond, as if each mapping took one.
  const turns = new Turns({ clock: { now: Date.now, setTimeout, clearTimeout }, preciseMs: () => calls++ })
  // All that is mapped is sent at once, so what was sent says how far mapping has come.
  const delivery = { ...configOf().delivery, concurrency: 400, order: 'none' } as const
  const first = await startRunner(scene, slow, { turns, config: configOf({ delivery }) })
  const second = await startRunner(scene, other, { turns, config: configOf({ id: 'other', delivery }) })
  await until(() => slow.accepted.length === 400 && other.accepted.length === 400, 'all are delivered')
  await first.stop()
  await second.stop()
  assert.ok(otherCameAfter !== undefined && otherCameAfter < 40, `after ${otherCameAfter} of the slow one`)
})
