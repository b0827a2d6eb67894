import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from '@millrace/component-kit'
import { keptCopies } from './dead/copy-store.ts'
import { decodeDeadLetter, deliveryState, encodeJson } from './delivery-state.ts'
import { pruneOutcomes } from './prune-outcomes.ts'
import type { LetterPlace } from './redrive-letters.ts'
import { DyingStore } from './testing/dying-store.ts'
import { FakeDestination, configOf, copyOrders, sendTracks } from './testing/fake-destination.ts'
import { until } from './testing/scene.ts'
import type { Scene, TestRow } from './testing/scene.ts'
import { opened, startRunner } from './testing/start-runner.ts'

const ok: Outcome = { status: 'delivered' }
const rejected: Outcome = { status: 'rejected', code: 'bad', message: 'no' }

/** A scene in which a receiver refuses for good until `repair` is called; what it refused is dead. */
const withDead = async (rows: TestRow[], refuses: (id: string, action: string) => boolean = () => true) => {
  const scene = await opened(rows)
  const fake = new FakeDestination()
  let isRepaired = false
  fake.script = (action, { messageId }) => (isRepaired || !refuses(messageId, action) ? ok : rejected)
  const config = configOf({ actions: [sendTracks, copyOrders] })
  const begin = (store?: DyingStore) => startRunner(scene, fake, { config, ...(store && { state: store }) })
  const first = await begin()
  await scene.untilDone('hook')
  await first.stop()
  const repair = (): void => {
    isRepaired = true
    fake.received.length = 0
  }
  return { scene, fake, begin, repair }
}

const lettersOf = async (scene: Scene): Promise<LetterPlace[]> =>
  (await scene.state.scan(deliveryState.dead)).map(({ key }) => ({
    block: key[1] as number,
    index: key[2] as number,
    action: key[3] as string,
  }))

const settled = (scene: Scene, runner: { status: () => { parked: number | undefined } }): Promise<void> =>
  until(
    async () => runner.status().parked === 0 && (await scene.state.scan(deliveryState.parked)).length === 0,
    'what is parked to end',
  )

const people = (...names: string[]): TestRow[] => names.map((person, at) => ({ id: `m${at}`, person }))

test('a redriven message is sent again with its key, of each person in order, and is dead no more', async () => {
  const { scene, fake, begin, repair } = await withDead(people('a', 'b', 'a', 'a'))
  const keys = new Map(fake.received.map(({ id, key }) => [id, key]))
  repair()
  const { runner, stop } = await begin()
  await until(() => runner.status().parked !== undefined, 'the runner to be ready')
  const letters = await lettersOf(scene)
  const { redriven, skipped } = await runner.redrive(letters.toReversed(), 0)
  assert.deepEqual([redriven, skipped], [letters, []])
  assert.deepEqual(await scene.problems(), [])
  await settled(scene, runner)
  await stop()
  assert.deepEqual(
    fake.accepted.filter(({ person }) => person === 'a').map(({ id }) => id),
    ['m0', 'm2', 'm3'],
  )
  assert.deepEqual(new Map(fake.accepted.map(({ id, key }) => [id, key])), keys)
  assert.deepEqual((await scene.ledgers())[0]?.delivered, 4)
  assert.deepEqual(await lettersOf(scene), [])
  assert.deepEqual(await keptCopies(scene.state, 'hook'), { copies: 0, bytes: 0 })
  assert.deepEqual(await scene.problems(), [])
})

test('redriving twice sends once: at the same moment, while it is on its way, and when it was delivered', async () => {
  const { scene, fake, begin, repair } = await withDead(people('a', 'b'))
  repair()
  const { runner, stop } = await begin()
  await until(() => runner.status().parked !== undefined, 'the runner to be ready')
  const letters = await lettersOf(scene)
  const answers = await Promise.all([
    runner.redrive([...letters, ...letters], 0),
    runner.redrive(letters, 0),
    runner.redrive(letters, 0),
  ])
  assert.deepEqual(
    answers.map(({ redriven, skipped }) => [redriven.length, skipped.length]),
    [
      [2, 0],
      [0, 2],
      [0, 2],
    ],
  )
  await settled(scene, runner)
  const { redriven, skipped } = await runner.redrive([...letters, { block: 9, index: 0, action: 'send' }], 0)
  assert.deepEqual([redriven, skipped.map(({ why }) => why)], [[], Array.from({ length: 3 }, () => 'it is not dead')])
  await stop()
  assert.equal(fake.received.length, 2)
})

test('what dies again has a letter that says how often it was redriven, with a copy', async () => {
  const { scene, begin } = await withDead(people('a'))
  const { runner, stop } = await begin()
  await until(() => runner.status().parked !== undefined, 'the runner to be ready')
  for (const redrives of [1, 2]) {
    await runner.redrive(await lettersOf(scene), 0)
    await settled(scene, runner)
    const [entry] = await scene.state.scan(deliveryState.dead)
    const letter = entry && decodeDeadLetter(entry.value)
    assert.deepEqual([letter?.redrives, letter?.attempts, letter?.history?.length], [redrives, 1, 1])
    assert.equal((await keptCopies(scene.state, 'hook')).copies, 1)
    assert.deepEqual(await scene.problems(), [])
  }
  await stop()
  assert.deepEqual((await scene.ledgers())[0]?.dead, { rejected: 1 })
})

test('what the log does not have any more is sent from the copy; without one it is left alone, and its mapping being gone keeps it', async () => {
  const { scene, fake, begin, repair } = await withDead(people('a', 'b'))
  await scene.add([{ id: 'm9', type: 'page' }])
  const passing = await begin()
  await scene.untilDone('hook')
  await passing.stop()
  await scene.log.truncate(1)
  await pruneOutcomes(scene.state, 'hook', 1)
  assert.deepEqual(await scene.problems(), [])
  const [entry] = await scene.state.scan(deliveryState.dead)
  const { copyBytes: _, ...letter } = decodeDeadLetter((entry as NonNullable<typeof entry>).value)
  await scene.state.transaction((tx) =>
    tx.put(deliveryState.dead, (entry as NonNullable<typeof entry>).key, encodeJson(letter)),
  )
  repair()
  const { runner, stop } = await begin()
  await until(() => runner.status().parked !== undefined, 'the runner to be ready')
  const { redriven, skipped } = await runner.redrive(await lettersOf(scene), 1)
  assert.deepEqual([redriven.map(({ index }) => index), skipped.length], [[1], 1])
  assert.match(skipped[0]?.why ?? '', /its message is gone/)
  await settled(scene, runner)
  await stop()
  assert.deepEqual(
    fake.accepted.map(({ id }) => id),
    ['m1'],
  )
  assert.deepEqual(await scene.problems(), [])
  await pruneOutcomes(scene.state, 'hook', 1)
  assert.deepEqual(await scene.problems(), [])
  assert.equal((await scene.state.scan(deliveryState.late)).length, 0)
})

test('one action of a message is redriven, the others stay as they are', async () => {
  const { scene, fake, begin, repair } = await withDead([{ id: 'm0', event: 'Order' }])
  repair()
  const { runner, stop } = await begin()
  await until(() => runner.status().parked !== undefined, 'the runner to be ready')
  await runner.redrive([{ block: 0, index: 0, action: 'copy' }], 0)
  await settled(scene, runner)
  assert.deepEqual((await scene.ledgers())[0]?.dead, { rejected: 1 })
  assert.deepEqual(
    fake.received.map(({ action }) => action),
    ['copy'],
  )
  await runner.redrive(await lettersOf(scene), 0)
  await settled(scene, runner)
  await stop()
  assert.equal((await scene.ledgers())[0]?.delivered, 1)
  assert.deepEqual(await scene.problems(), [])
})

test('dying at any commit of a redrive loses nothing, and leaves no message both dead and on its way', async () => {
  for (let commits = 0; commits < 4; commits++) {
    const { scene, fake, begin, repair } = await withDead(people('a', 'b', 'a'))
    repair()
    const store = new DyingStore(scene.state, commits)
    const dying = await begin(store)
    await until(() => dying.runner.status().parked !== undefined, 'the runner to be ready')
    const redriving = dying.runner.redrive(await lettersOf(scene), 0).catch(() => undefined)
    if (commits > 0) await redriving
    for (let turn = 0; turn < 40; turn++) await new Promise(setImmediate)
    await dying.stop()
    await redriving
    assert.deepEqual(await scene.problems(), [])
    const next = await begin()
    await until(() => next.runner.status().parked !== undefined, 'the runner to be ready')
    await next.runner.redrive(await lettersOf(scene), 0)
    await settled(scene, next.runner)
    await next.stop()
    assert.deepEqual(await scene.problems(), [])
    assert.equal((await scene.ledgers())[0]?.delivered, 3)
    assert.equal(new Set(fake.accepted.map(({ id }) => id)).size, 3)
  }
})
