import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { FakeDestination, configOf, copyOrders, sendTracks } from '../testing/fake-destination.ts'
import { until } from '../testing/scene.ts'
import { opened, rowsOf } from '../testing/start-runner.ts'
import { readReplayFailures } from './replay-failures.ts'
import { orderOf, startReplays, statusOf, untilState } from './testing/replay-scene.ts'

/** A scene whose messages have been delivered once. */
const delivered = async (context: TestContext, fake: FakeDestination, ...blocks: Parameters<typeof opened>) => {
  const scene = await opened(...blocks)
  const running = await startReplays(scene, fake)
  context.after(running.stop)
  await scene.untilDone('hook')
  return { scene, ...running }
}

test('a replay sends everything again, with the same keys and in the order of each person, and leaves the account as it was', async (context) => {
  const fake = new FakeDestination({ maxMessages: 7 })
  const { scene, replays } = await delivered(context, fake, rowsOf(40), rowsOf(40, 40), [
    { id: 'r', rejected: true },
    { id: 'd', duplicate: true },
    { id: 'page', type: 'page' },
  ])
  const before = await scene.ledgers()
  const first = fake.accepted.slice()
  const { id, state } = await replays.create(await orderOf(scene))
  assert.deepEqual([id, state], ['replay-1', 'running'])
  const { counts, progress, endedAt } = await untilState(scene, id, 'completed')
  assert.deepEqual(counts, {
    selected: 81,
    delivered: 80,
    filtered: { no_action: 1 },
    failed: {},
    pending: 0,
    exact: true,
  })
  assert.deepEqual([progress, endedAt !== undefined], [1, true])
  const again = fake.accepted.slice(first.length)
  assert.equal(again.length, 80)
  const keyOf = new Map(first.map((each) => [each.id, each.key]))
  for (const { id: message, key } of again) assert.equal(key, keyOf.get(message))
  for (const person of ['p0', 'p1', 'p2', 'p3', 'p4']) {
    const numbers = again.filter((each) => each.person === person).map((each) => Number(each.id.slice(1)))
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    )
  }
  assert.deepEqual(await scene.ledgers(), before)
  assert.deepEqual(await scene.problems(), [])
})

test('only what the filter leaves is sent: source, event, user, time', async (context) => {
  const fake = new FakeDestination()
  const rows = [
    { id: 'a', source: 'web', event: 'X', person: 'ann' },
    { id: 'b', source: 'app', event: 'X', person: 'bob' },
    { id: 'c', source: 'web', event: 'Y', person: 'bob' },
    { id: 'd', source: 'app', event: 'Y', person: 'ann' },
  ]
  const { scene, replays } = await delivered(
    context,
    fake,
    rows,
    rows.map((row) => ({ ...row, id: `${row.id}2` })),
  )
  const sent = async (changes: Parameters<typeof orderOf>[1]): Promise<string[]> => {
    const from = fake.received.length
    const { id } = await replays.create(await orderOf(scene, changes))
    const { counts } = await untilState(scene, id, 'completed')
    const ids = fake.received.slice(from).map((each) => each.id)
    assert.equal(counts.selected, ids.length)
    return ids.toSorted()
  }
  assert.deepEqual(await sent({ filter: { source: 'web' } }), ['a', 'a2', 'c', 'c2'])
  assert.deepEqual(await sent({ filter: { event: 'Y' } }), ['c', 'c2', 'd', 'd2'])
  assert.deepEqual(await sent({ filter: { user: 'bob', source: 'app' } }), ['b', 'b2'])
  assert.deepEqual(await sent({ filter: { source: 'none' } }), [])
  assert.deepEqual(await sent({ end: { block: 0, index: 2 } }), ['a', 'b'])
  assert.deepEqual(await sent({ end: { block: 1, index: 1 } }), ['a', 'a2', 'b', 'c', 'd'])
  assert.deepEqual(await sent({ fromTime: '2026-03-01T09:00:00.001Z', toTime: '2027-01-01T00:00:00.000Z' }), [])
  assert.deepEqual(await sent({ fromTime: '2026-01-01T00:00:00.000Z', toTime: '2026-03-01T09:00:00.000Z' }), [])
})

test('failed-only sends what is dead, by the mapping of today, and nothing else', async (context) => {
  const fake = new FakeDestination()
  fake.script = (_, payload) =>
    payload.messageId === 'm3' || payload.messageId === 'm12'
      ? { status: 'rejected', code: 'http_400', message: 'no' }
      : { status: 'delivered' }
  const { scene, replays } = await delivered(context, fake, rowsOf(10), rowsOf(10, 10))
  fake.script = () => ({ status: 'delivered' })
  const from = fake.received.length
  const { id } = await replays.create(await orderOf(scene, { filter: { failedOnly: true } }))
  const { counts } = await untilState(scene, id, 'completed')
  assert.deepEqual(
    fake.received
      .slice(from)
      .map((each) => each.id)
      .toSorted(),
    ['m12', 'm3'],
  )
  assert.deepEqual([counts.selected, counts.delivered], [2, 2])
})

test('failed-only leaves alone what was redriven and delivered', async (context) => {
  const fake = new FakeDestination()
  fake.script = (_, { messageId }) =>
    messageId === 'm3' || messageId === 'm4'
      ? { status: 'rejected', code: 'http_400', message: 'no' }
      : { status: 'delivered' }
  const { scene, replays, runner } = await delivered(context, fake, rowsOf(10))
  fake.script = () => ({ status: 'delivered' })
  const { redriven } = await runner.redrive([{ block: 0, index: 3, action: 'send' }], Date.now())
  assert.equal(redriven.length, 1)
  await until(async () => (await scene.ledgers())[0]?.delivered === 9, 'the redriven one')
  const { id } = await replays.create(await orderOf(scene, { filter: { failedOnly: true } }))
  assert.equal((await untilState(scene, id, 'completed')).counts.delivered, 1)
  assert.deepEqual(
    fake.accepted.filter(({ id: message }) => message === 'm3' || message === 'm4').map((each) => each.id),
    ['m3', 'm4'],
  )
})

test('a replay is done when what it has parked is settled, and a cancelled one leaves it pending', async (context) => {
  const fake = new FakeDestination()
  const scene = await opened(rowsOf(10))
  const delivery = { ...configOf().delivery, parkAfterMs: 0 }
  const { replays, stop } = await startReplays(scene, fake, { config: configOf({ delivery }) })
  context.after(stop)
  await scene.untilDone('hook')
  let isDown = true
  fake.script = (_, { messageId }) =>
    isDown && messageId === 'm3'
      ? { status: 'retry', code: 'http_503', message: 'down', afterMs: 20 }
      : { status: 'delivered' }
  for (const number of [1, 2]) {
    isDown = true
    const { id } = await replays.create(await orderOf(scene))
    const isParked = async (): Promise<boolean> => {
      const { counts } = await statusOf(scene, id)
      return counts.exact && counts.pending === 2
    }
    await until(isParked, 'm3 to be parked, and m8 of the same person behind it')
    assert.equal((await statusOf(scene, id)).state, 'running')
    assert.deepEqual(await scene.problems(), [])
    if (number === 1) {
      isDown = false
      const { counts } = await untilState(scene, id, 'completed')
      assert.deepEqual([counts.delivered, counts.pending], [10, 0])
    } else {
      const { counts } = await replays.cancel(id)
      assert.deepEqual([counts.delivered, counts.pending], [8, 2])
    }
    assert.deepEqual(await scene.problems(), [])
  }
})

test('the recount finds what is wrong in the account of a replay', async (context) => {
  const fake = new FakeDestination()
  const { scene, replays } = await delivered(context, fake, rowsOf(6))
  const { id } = await replays.create(await orderOf(scene, { filter: { user: 'p1' } }))
  await untilState(scene, id, 'completed')
  assert.deepEqual(await scene.problems(), [])
  const [name = ''] = (await scene.state.counters('~replay-1/')).keys()
  await scene.state.transaction((tx) => tx.add(name, 1))
  const [problem] = await scene.problems()
  assert.equal(problem?.where, id)
  assert.match(problem?.message ?? '', /the records and the counter .* differ/)
})

test('what fails again is counted and kept as a failure of the replay, not as a dead letter of the destination', async (context) => {
  const fake = new FakeDestination()
  const { scene, replays } = await delivered(context, fake, rowsOf(5))
  fake.script = (_, payload) =>
    payload.messageId === 'm1' ? { status: 'rejected', code: 'http_422', message: 'odd' } : { status: 'delivered' }
  const { id } = await replays.create(await orderOf(scene))
  const { counts } = await untilState(scene, id, 'completed')
  assert.deepEqual([counts.delivered, counts.failed], [4, { rejected: 1 }])
  const [failure, ...more] = await readReplayFailures(scene.state, id)
  assert.deepEqual([failure?.messageId, failure?.code, more.length], ['m1', 'http_422', 0])
  assert.deepEqual((await scene.state.scan('dead', { prefix: ['hook'] })).length, 0)
  assert.deepEqual(await scene.problems(), [])
})

test('of what fails the first thousand are kept, and all are counted', async (context) => {
  const fake = new FakeDestination({ maxMessages: 50 })
  const { scene, replays } = await delivered(context, fake, rowsOf(600), rowsOf(600, 600))
  fake.script = () => ({ status: 'rejected', code: 'http_400', message: 'no' })
  const { id } = await replays.create(await orderOf(scene))
  const { counts } = await untilState(scene, id, 'completed')
  assert.deepEqual(counts.failed, { rejected: 1200 })
  assert.equal((await readReplayFailures(scene.state, id)).length, 1000)
})

test('new keys differ from those of delivery, and are the same for each attempt', async (context) => {
  const fake = new FakeDestination({ maxMessages: 3 })
  const { scene, replays } = await delivered(context, fake, rowsOf(6))
  const old = new Set(fake.received.map(({ key }) => key))
  let attempts = 0
  fake.script = () =>
    attempts++ < 6 ? { status: 'retry', code: 'http_503', message: 'later' } : { status: 'delivered' }
  const from = fake.received.length
  const { id } = await replays.create(await orderOf(scene, { newKeys: true }))
  await untilState(scene, id, 'completed')
  const again = fake.received.slice(from)
  assert.ok(again.length > 6)
  assert.equal(new Set(again.map(({ key }) => key)).size, 6)
  assert.ok(again.every(({ key }) => !old.has(key)))
})

test('a paused replay sends nothing, over a restart too, and goes on where it was', async (context) => {
  const fake = new FakeDestination()
  const { scene, replays, stop } = await delivered(context, fake, rowsOf(20), rowsOf(20, 20))
  const from = fake.received.length
  fake.script = async () => {
    // Paused while the first requests are under way.
    await replays.pause('replay-1')
    return { status: 'delivered' }
  }
  await replays.create(await orderOf(scene))
  await untilState(scene, 'replay-1', 'paused')
  await stop()
  fake.script = () => ({ status: 'delivered' })
  const sent = fake.received.length - from
  assert.ok(sent > 0 && sent < 40, String(sent))
  const again = await startReplays(scene, fake)
  context.after(again.stop)
  await scene.add(rowsOf(5, 100))
  await scene.untilDone('hook')
  assert.equal(fake.received.length - from, sent + 5, 'only the new ones')
  await again.replays.resume('replay-1')
  const { counts } = await untilState(scene, 'replay-1', 'completed')
  assert.deepEqual([counts.selected, counts.delivered], [40, 40])
  assert.equal(new Set(fake.received.slice(from).map((each) => each.id)).size, 45)
})

test('a cancelled replay ends where it is, for good, and another may begin', async (context) => {
  const fake = new FakeDestination()
  const { scene, replays } = await delivered(context, fake, rowsOf(30))
  const from = fake.received.length
  await replays.create(await orderOf(scene, { messagesPerSecond: 20 }))
  await assert.rejects(replays.create(await orderOf(scene)), /replay-1 of "hook" is running.*cancel replay-1/)
  await until(() => fake.received.length > from, 'the first message')
  const cancelled = await replays.cancel('replay-1')
  assert.equal(cancelled.state, 'cancelled')
  const sent = fake.received.length - from
  const { counts } = cancelled
  assert.equal(counts.pending, 30 - counts.delivered)
  assert.ok(counts.delivered <= sent && sent < 30)
  await assert.rejects(replays.resume('replay-1'), /replay-1 is cancelled already/)
  await assert.rejects(replays.pause('replay-9'), /there is no replay "replay-9"/)
  const { id } = await replays.create(await orderOf(scene))
  assert.equal(id, 'replay-2')
  assert.equal((await untilState(scene, id, 'completed')).counts.delivered, 30)
})

test('while live traffic needs the destination a replay waits, and then goes on by itself', async (context) => {
  const fake = new FakeDestination()
  const scene = await opened(rowsOf(10))
  let isBusy = true
  const { replays, stop } = await startReplays(scene, fake, { isBusy: () => isBusy })
  context.after(stop)
  await scene.untilDone('hook')
  const { id } = await replays.create(await orderOf(scene))
  await scene.add(rowsOf(10, 10))
  await scene.untilDone('hook')
  assert.equal(fake.received.length, 20, 'live traffic alone')
  assert.equal(replays.activities().get(id)?.waitsFor, 'live')
  isBusy = false
  assert.equal((await untilState(scene, id, 'completed')).counts.delivered, 10)
})

test('a paused destination holds its replays, and its circuit is theirs', async (context) => {
  const fake = new FakeDestination()
  const scene = await opened(rowsOf(10))
  const delivery = { ...configOf().delivery, circuitMinRequests: 2, circuitFailureShare: 0.05, circuitProbeDelayMs: 30 }
  const { replays, stop } = await startReplays(scene, fake, { config: configOf({ delivery }) })
  context.after(stop)
  await scene.untilDone('hook')
  let left = 6
  fake.script = () => (left-- > 0 ? { status: 'retry', code: 'http_503', message: 'down' } : { status: 'delivered' })
  const { id } = await replays.create(await orderOf(scene))
  await until(() => replays.activities().get(id)?.waitsFor === 'circuit', 'the circuit')
  // There is no live traffic: the replay's own batches are the probes that close it.
  assert.equal((await untilState(scene, id, 'completed')).counts.delivered, 10)
})

test('today’s mapping is used, a change is taken up, and each action has its own outcome', async (context) => {
  const fake = new FakeDestination()
  const { scene, replays } = await delivered(context, fake, [
    { id: 'a', event: 'Order' },
    { id: 'b', event: 'Other' },
  ])
  await replays.update(configOf({ actions: [sendTracks, copyOrders] }), 2)
  const from = fake.received.length
  const { id } = await replays.create(await orderOf(scene))
  await untilState(scene, id, 'completed')
  const sent = fake.received.slice(from).map((each) => `${each.id} ${each.action}`)
  assert.deepEqual(sent.toSorted(), ['a copy', 'a send', 'b send'])
})

test('a replay follows its destination: a new id, a removal, and an end of the process', async (context) => {
  const fake = new FakeDestination()
  const { scene, replays } = await delivered(context, fake, rowsOf(10))
  await replays.create(await orderOf(scene))
  await replays.pause('replay-1')
  await replays.detach('hook')
  await replays.rename('hook', 'other')
  assert.equal((await statusOf(scene, 'replay-1')).destination, 'other')
  await replays.cancelAll('other', 'its destination was removed')
  const { state, reason } = await statusOf(scene, 'replay-1')
  assert.deepEqual([state, reason], ['cancelled', 'its destination was removed'])
})

test('the oldest ended replays are forgotten with all that was kept of them', async (context) => {
  const fake = new FakeDestination()
  const { scene, replays } = await delivered(context, fake, rowsOf(1))
  const empty = { end: { block: 0, index: 0 } }
  for (let count = 1; count <= 103; count++) {
    const { id } = await replays.create(await orderOf(scene, count === 1 ? {} : empty))
    await untilState(scene, id, 'completed')
  }
  await assert.rejects(statusOf(scene, 'replay-1'))
  assert.equal((await statusOf(scene, 'replay-3')).state, 'completed')
  assert.equal((await scene.state.scan('outcomes', { prefix: ['~replay-1'] })).length, 0)
  const counters = [...(await scene.state.counters('~replay-1/')).values()]
  assert.ok(counters.every((value) => value === 0))
})
