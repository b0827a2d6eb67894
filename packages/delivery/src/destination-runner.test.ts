import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Outcome } from '@millrace/component-kit'
import { seededRandom } from '@millrace/testkit'
import { decodeDeadLetter, deliveryState } from './delivery-state.ts'
import { DyingStore } from './testing/dying-store.ts'
import { FakeDestination, configOf, copyOrders, sendTracks } from './testing/fake-destination.ts'
import { Scene, until } from './testing/scene.ts'
import type { TestRow } from './testing/scene.ts'
import { opened, rowsOf, startRunner } from './testing/start-runner.ts'

const retry: Outcome = { status: 'retry', code: 'busy', message: 'come back' }
const rejected: Outcome = { status: 'rejected', code: 'bad', message: 'never' }

/** Each person's messages, in the order of their first acceptance. */
const firstAcceptances = (fake: FakeDestination): Map<string, string[]> => {
  const order = new Map<string, string[]>()
  for (const { action, person, id } of fake.accepted) {
    const list = order.get(`${action} ${person}`) ?? []
    if (!list.includes(id)) order.set(`${action} ${person}`, [...list, id])
  }
  return order
}

const assertInOrder = (fake: FakeDestination): void => {
  for (const [who, ids] of firstAcceptances(fake)) {
    const numbers = ids.map((id) => Number(id.slice(1)))
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
      who,
    )
  }
}

test('delivers everything once, in order per person, and the ledger agrees', async () => {
  const scene = await opened(rowsOf(50), [], [{ rejected: true }, { id: 'again', duplicate: true }], rowsOf(30, 50))
  const fake = new FakeDestination()
  const { runner, stop } = await startRunner(scene, fake)
  await scene.untilDone('hook')
  assert.equal(new Set(fake.accepted.map(({ id }) => id)).size, 80)
  assert.equal(fake.received.length, 80)
  assertInOrder(fake)
  assert.equal(runner.status().inFlight, 0)
  assert.equal(runner.status().state, 'running')
  await stop()
  assert.deepEqual(
    (await scene.ledgers()).map(({ delivered, resolved }) => ({ delivered, resolved })),
    [{ delivered: 80, resolved: 80 }],
  )
  assert.deepEqual(await scene.problems(), [])
})

test('a partial batch is sent when nothing more is there, and news wake the runner up', async () => {
  const scene = await opened(rowsOf(3))
  const fake = new FakeDestination({ maxMessages: 100 })
  const { stop } = await startRunner(scene, fake, {
    config: configOf({ delivery: { ...configOf().delivery, concurrency: 1 } }),
  })
  for (let round = 1; round <= 20; round++) {
    await until(() => fake.accepted.length === 3 * round, `round ${round}`)
    await scene.add(rowsOf(3, 3 * round))
  }
  await scene.untilDone('hook')
  await stop()
  assert.ok(Math.max(...fake.batchSizes) <= 3)
  assert.deepEqual(await scene.problems(), [])
})

test('a mapping whose result does not fit is dead(invalid) with a letter, and the others go on', async () => {
  const scene = await opened([{ id: 'm0' }, { id: 'm1', more: { number: 'no number' } }, { id: 'm2' }])
  const fake = new FakeDestination()
  const { stop } = await startRunner(scene, fake)
  await scene.untilDone('hook')
  await stop()
  assert.deepEqual(
    fake.accepted.map(({ id }) => id),
    ['m0', 'm2'],
  )
  const [letter] = (await scene.state.scan(deliveryState.dead)).map(({ value }) => decodeDeadLetter(value))
  assert.equal(letter?.reason, 'invalid')
  assert.equal(letter?.code, 'invalid_fields')
  assert.equal(letter?.attempts, 0)
  assert.deepEqual((await scene.ledgers())[0]?.dead, { invalid: 1 })
  assert.deepEqual(await scene.problems(), [])
})

test('a destination that throws, or answers for too few, is tried again', async () => {
  const scene = await opened(rowsOf(6))
  const fake = new FakeDestination({ maxMessages: 2 })
  fake.script = (_, __, call) => {
    if (call < 3) throw new Error('a mistake in its code')
    return { status: 'delivered' }
  }
  const { runner, stop } = await startRunner(scene, fake)
  await scene.untilDone('hook')
  await stop()
  assert.equal(new Set(fake.accepted.map(({ id }) => id)).size, 6)
  assert.ok(scene.warnings.some((line) => line.includes('a mistake in its code')))
  assert.ok(runner.metrics.retries >= 3)
})

test('what is refused for good is dead(rejected), what fails too long is dead(retry_window)', async () => {
  const scene = await opened(rowsOf(4))
  const fake = new FakeDestination()
  fake.script = (_, { messageId }) =>
    messageId === 'm1' ? rejected : messageId === 'm2' ? retry : { status: 'delivered' }
  const config = configOf({ delivery: { ...configOf().delivery, retryWindowMs: 0 } })
  const { stop } = await startRunner(scene, fake, { config })
  await scene.untilDone('hook')
  await stop()
  assert.deepEqual((await scene.ledgers())[0]?.dead, { rejected: 1, retry_window: 1 })
  const letters = (await scene.state.scan(deliveryState.dead)).map(({ value }) => decodeDeadLetter(value))
  assert.deepEqual(
    letters.map(({ messageId, code, attempts }) => ({ messageId, code, attempts })),
    [
      { messageId: 'm1', code: 'bad', attempts: 1 },
      { messageId: 'm2', code: 'busy', attempts: 1 },
    ],
  )
  assert.deepEqual(await scene.problems(), [])
})

test('dying at any commit: at least once, with the same keys, in order, and the account holds at every moment', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(0xffff_ffff),
      fc.array(fc.nat(4), { maxLength: 4 }),
      fc.constantFrom(1, 3, 7),
      async (seed, deaths, batch) => {
        const random = seededRandom(seed)
        const scene = new Scene()
        await scene.openAccount('hook')
        let next = 0
        const blocks = Array.from({ length: 1 + random.integer(12) }, () =>
          Array.from({ length: random.integer(9) }, (): TestRow => {
            const id = `m${next++}`
            const kind = random.integer(12)
            if (kind === 0) return { rejected: true }
            if (kind === 1) return { id, duplicate: true }
            if (kind === 2) return { id, type: 'page' }
            if (kind === 3) return { id, more: { number: 'none' } }
            if (kind === 4) return { id, integrations: { Hook: false } }
            return {
              id,
              person: `p${random.integer(4)}`,
              source: random.pick(['web', 'app']),
              event: random.pick(['E', 'Order']),
            }
          }),
        )
        const isRejected = (id: string): boolean => Number(id.slice(1)) % 11 === 7
        const fake = new FakeDestination({ maxMessages: batch })
        // A whole batch at a time, as a receiver that is busy answers: of half a batch the order cannot be kept.
        const busy = new Map<number, boolean>()
        fake.script = (_, { messageId }, call) => {
          if (!busy.has(call)) busy.set(call, random.integer(5) === 0)
          return busy.get(call) === true ? retry : isRejected(messageId) ? rejected : { status: 'delivered' }
        }
        const config = configOf({ actions: [sendTracks, copyOrders] })
        for (const [at, rows] of blocks.entries()) {
          await scene.append(rows)
          if (random.integer(2) === 0 || at === blocks.length - 1) await scene.resolveAll()
          const commits = deaths[at]
          if (commits === undefined) continue
          const dying = new DyingStore(scene.state, commits)
          const { stop } = await startRunner(scene, fake, { config, state: dying })
          const before = fake.calls
          for (let turn = 0; turn < 30 && fake.calls < before + 5; turn++) await new Promise(setImmediate)
          await stop()
          assert.deepEqual(await scene.problems(), [])
        }
        const { stop } = await startRunner(scene, fake, { config })
        await scene.untilDone('hook')
        await stop()
        assert.deepEqual(await scene.problems(), [])

        const expected = new Set<string>()
        for (const { row } of scene.rows) {
          const { id = '', type, event, integrations, more, duplicate } = row
          if (row.rejected || duplicate || type || integrations || more || isRejected(id)) continue
          expected.add(`send ${id}`)
          if (event === 'Order') expected.add(`copy ${id}`)
        }
        assert.deepEqual(new Set(fake.accepted.map(({ action, id }) => `${action} ${id}`)), expected)
        const keys = new Map<string, Set<string>>()
        for (const { action, id, key } of fake.received) {
          keys.set(`${action} ${id}`, (keys.get(`${action} ${id}`) ?? new Set()).add(key))
        }
        for (const [name, set] of keys) assert.equal(set.size, 1, `${name} had several keys`)
        assert.equal(
          new Set([...keys.values()].flatMap((set) => [...set])).size,
          keys.size,
          'keys are of one delivery each',
        )
        assertInOrder(fake)
        assert.ok(Math.max(0, ...fake.batchSizes) <= batch)
      },
    ),
    { numRuns: 60 },
  )
})

test('commits that fail for a while lose nothing and count nothing twice', async () => {
  const scene = await opened(rowsOf(20))
  const fake = new FakeDestination()
  for (let failure = 0; failure < 2; failure++) scene.state.failNextTransaction(new Error('disk full'))
  const { stop } = await startRunner(scene, fake)
  await scene.untilDone('hook')
  await scene.add(rowsOf(5, 20))
  await scene.untilDone('hook')
  await stop()
  assert.equal(fake.received.length, 25)
  assert.equal(scene.warnings.filter((line) => line.includes('disk full')).length, 2)
  assert.deepEqual(await scene.problems(), [])
})

test('a commit that is given up at the end keeps later ones from being stored over the gap', async () => {
  const scene = await opened(rowsOf(20))
  const fake = new FakeDestination()
  let open: (outcome: Outcome) => void = () => {}
  fake.script = (_, { messageId }) =>
    messageId === 'm19' ? new Promise((resolve) => (open = resolve)) : { status: 'delivered' }
  // The first commit and its last try fail; the commit of what was settled meanwhile would succeed.
  for (let failure = 0; failure < 2; failure++) scene.state.failNextTransaction(new Error('disk full'))
  const { stop } = await startRunner(scene, fake)
  await until(() => scene.warnings.length === 1, 'the first failure')
  const stopping = stop()
  await until(() => scene.warnings.length === 2, 'the second failure')
  open({ status: 'delivered' })
  await stopping
  assert.deepEqual(await scene.state.cursor('delivery/hook'), { block: 0, index: 0 })
  assert.deepEqual(await scene.problems(), [])
  const again = await startRunner(scene, fake)
  fake.script = () => ({ status: 'delivered' })
  await scene.untilDone('hook')
  await again.stop()
  assert.deepEqual(await scene.problems(), [])
})

test('holds at most 10,000 messages in flight, and goes on when there is room', async () => {
  const scene = await opened(...Array.from({ length: 12 }, (_, block) => rowsOf(1000, block * 1000)))
  const fake = new FakeDestination({ maxMessages: 500 })
  let isOpen = false
  const waiting: ((outcome: Outcome) => void)[] = []
  fake.script = () => (isOpen ? { status: 'delivered' } : new Promise((resolve) => waiting.push(resolve)))
  const { runner, stop } = await startRunner(scene, fake)
  await until(() => runner.status().inFlight >= 10_000, 'the window to be full')
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
  assert.equal(runner.status().inFlight, 10_000)
  assert.deepEqual(await scene.state.cursor('delivery/hook'), { block: 0, index: 0 })
  isOpen = true
  for (const resolve of waiting) resolve({ status: 'delivered' })
  await scene.untilDone('hook')
  await stop()
  assert.equal(fake.accepted.length, 12_000)
  assertInOrder(fake)
  assert.deepEqual(await scene.problems(), [])
})

test('holds at most 32 MB of blocks and one block more, however few messages that is', async () => {
  const big = 'x'.repeat(1024 * 1024)
  const scene = await opened(...Array.from({ length: 40 }, (_, at): TestRow[] => [{ id: `m${at}`, more: { big } }]))
  const fake = new FakeDestination()
  let isOpen = false
  const waiting: ((outcome: Outcome) => void)[] = []
  fake.script = () => (isOpen ? { status: 'delivered' } : new Promise((resolve) => waiting.push(resolve)))
  const { runner, stop } = await startRunner(scene, fake)
  await until(() => runner.status().inFlight >= 32, 'the window to be full')
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
  assert.equal(runner.status().inFlight, 32)
  isOpen = true
  for (const resolve of waiting) resolve({ status: 'delivered' })
  await scene.untilDone('hook')
  await stop()
  assert.equal(fake.accepted.length, 40)
})

test('one message that does not settle holds the cursor while thousands behind it are settled, without spinning', async () => {
  const scene = await opened(...Array.from({ length: 8 }, (_, block) => rowsOf(1000, block * 1000)))
  let commits = 0
  const counting = new DyingStore(scene.state, Number.POSITIVE_INFINITY)
  const transaction = counting.transaction.bind(counting)
  counting.transaction = (write) => {
    commits++
    return transaction(write)
  }
  const fake = new FakeDestination({ maxMessages: 100 })
  let release: (outcome: Outcome) => void = () => {}
  fake.script = (_, { messageId }) =>
    messageId === 'm0' ? new Promise((resolve) => (release = resolve)) : { status: 'delivered' }
  const { runner, stop } = await startRunner(scene, fake, { state: counting })
  const others = scene.rows.filter(({ row }) => row.person !== 'p0').length
  await until(() => fake.accepted.length >= others, 'the other people to be done')
  assert.equal(others, 6400)
  const turns = performance.eventLoopUtilization()
  await until(() => performance.eventLoopUtilization(turns).idle > 30, 'the loop to be idle')
  assert.ok(performance.eventLoopUtilization(turns).utilization < 0.9)
  assert.equal(commits, 0)
  assert.deepEqual(runner.status().cursor, { block: 0, index: 0 })
  release({ status: 'delivered' })
  await scene.untilDone('hook')
  await stop()
  assert.equal(fake.received.length, 8000)
  assert.deepEqual(await scene.problems(), [])
})

test('a changed configuration holds for what is not yet scanned', async () => {
  const scene = await opened(rowsOf(5))
  const fake = new FakeDestination({ maxMessages: 3 })
  const { runner, stop } = await startRunner(scene, fake)
  await scene.untilDone('hook')
  runner.update(configOf({ enabled: false }), 2)
  assert.equal(runner.status().state, 'disabled')
  await scene.add(rowsOf(4, 5))
  await scene.untilDone('hook')
  runner.update(configOf({ sources: ['app'], delivery: { ...configOf().delivery, concurrency: 2 } }), 3)
  await scene.add([...rowsOf(3, 9), { id: 'm12', source: 'app' }])
  await scene.untilDone('hook')
  await stop()
  assert.deepEqual(
    fake.accepted.map(({ id }) => id).sort((a, b) => a.localeCompare(b)),
    ['m0', 'm1', 'm12', 'm2', 'm3', 'm4'],
  )
  const web = (await scene.ledgers()).find(({ source }) => source === 'web')
  assert.deepEqual(web?.filtered, { disabled: 4, not_connected: 3 })
  assert.deepEqual(await scene.problems(), [])
})

test('starts in the middle of a block where the last run ended', async () => {
  const scene = await opened(
    rowsOf(10).map((row) => ({ ...row, person: 'p' })),
    [
      { id: 'm10', type: 'page' },
      { id: 'm11', type: 'page' },
    ],
  )
  const fake = new FakeDestination()
  fake.script = (_, { messageId }) => (messageId === 'm4' ? retry : { status: 'delivered' })
  const config = configOf({ delivery: { ...configOf().delivery, concurrency: 1, firstRetryDelayMs: 1000 } })
  const first = await startRunner(scene, fake, { config })
  await until(async () => (await scene.state.cursor('delivery/hook'))?.index === 4, 'the cursor to stand at m4')
  await first.stop()
  assert.deepEqual(await scene.problems(), [])
  fake.script = () => ({ status: 'delivered' })
  const second = await startRunner(scene, fake, { config })
  await scene.untilDone('hook')
  await second.stop()
  assert.deepEqual(
    fake.accepted.map(({ id }) => id),
    rowsOf(10).map(({ id }) => id),
  )
  assert.deepEqual(await scene.problems(), [])
})

test('starts in the middle of a block that it then skips whole', async () => {
  const scene = await opened(rowsOf(10))
  const fake = new FakeDestination()
  fake.script = (_, { messageId }) => (messageId === 'm4' ? retry : { status: 'delivered' })
  const first = await startRunner(scene, fake, {
    config: configOf({ delivery: { ...configOf().delivery, concurrency: 1, firstRetryDelayMs: 1000 } }),
  })
  await until(async () => (await scene.state.cursor('delivery/hook'))?.index === 4, 'the cursor to stand at m4')
  await first.stop()
  const disabled = await startRunner(scene, fake, { config: configOf({ enabled: false }) })
  await scene.untilDone('hook')
  await disabled.stop()
  assert.deepEqual((await scene.ledgers())[0], {
    ...(await scene.ledgers())[0],
    delivered: 4,
    filtered: { disabled: 6 },
    resolved: 10,
  })
  assert.deepEqual(await scene.problems(), [])
})

test('a log that cannot be read for a while is read again, and what is in hand is sent meanwhile', async () => {
  const scene = await opened(rowsOf(3))
  const fake = new FakeDestination({ maxMessages: 100 })
  const feed = scene.newFeed()
  let failures = 0
  const read = feed.read.bind(feed)
  feed.read = (from) => {
    if (from === 0) return read(from)
    return failures++ === 0 ? Promise.reject(new Error('the disk does not answer')) : read(from)
  }
  const { stop } = await startRunner(scene, fake, { feed })
  await until(() => fake.accepted.length === 3, 'the partial batch')
  await scene.untilDone('hook')
  await stop()
  assert.match(scene.warnings[0] ?? '', /cannot read the log: .*does not answer/)
})

test('a resolve state that cannot be read while waiting does not end the runner', async () => {
  const scene = await opened(rowsOf(1))
  const fake = new FakeDestination()
  const feed = scene.newFeed()
  const waitFor = feed.waitFor.bind(feed)
  let failures = 0
  feed.waitFor = (from, signal) =>
    failures++ === 0 ? Promise.reject(new Error('database is locked')) : waitFor(from, signal)
  const { stop } = await startRunner(scene, fake, { feed })
  await scene.untilDone('hook')
  await scene.add(rowsOf(1, 1))
  await scene.untilDone('hook')
  await stop()
  assert.equal(fake.accepted.length, 2)
})
