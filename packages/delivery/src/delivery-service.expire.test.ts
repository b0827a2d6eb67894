import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineWarehouse } from '@millrace/component-kit'
import { removeFolder, temporaryFolder } from '@millrace/testkit'
import { systemClock } from './clock.ts'
import { DeliveryService } from './delivery-service.ts'
import type { DestinationStatus } from '@millrace/protocol'
import { FakeDestination, configOf } from './testing/fake-destination.ts'
import { Scene, until } from './testing/scene.ts'

const deadLetters = { maxAgeMs: 86_400_000, maxCopies: 1000, maxBytes: 1_000_000 }

const withService = async (
  use: (fixture: {
    scene: Scene
    fake: FakeDestination
    service: DeliveryService
    statusOf: (id: string) => Pick<DestinationStatus, 'state' | 'hold'> | undefined
  }) => Promise<void>,
): Promise<void> => {
  const scene = new Scene()
  const fake = new FakeDestination()
  const dataDirectory = await temporaryFolder()
  const duck = defineWarehouse({
    slug: 'duck',
    name: 'Duck',
    description: 'In memory.',
    settings: {},
    open: async () => ({
      cursor: async () => undefined,
      load: async (messages) => ({ rows: messages.length, dropped: 0 }),
      query: async () => ({ columns: [], rows: [], truncated: false }),
      [Symbol.asyncDispose]: async () => {},
    }),
  })
  const service = new DeliveryService({
    feed: scene.newFeed(),
    state: scene.state,
    components: { destinations: { fake: fake.destination }, warehouses: { duck } },
    resolvedBefore: scene.resolvedBefore,
    dataDirectory,
    userAgent: 'test',
    schemaOf: (source) => source,
    clock: systemClock,
    random: () => 0,
    warn: (message) => scene.warnings.push(message),
  })
  const statusOf = (id: string) => service.statuses().find(({ status }) => status.destination === id)?.status
  try {
    await use({ scene, fake, service, statusOf })
    assert.deepEqual(await scene.problems(), [])
  } finally {
    await service.stop()
    await removeFolder(dataDirectory)
  }
}

const blocks = Array.from({ length: 6 }, (_, block) => [{ id: `m${block}` }])

test('the backlog of a paused destination expires, it stays paused, and goes on with the rest when it is resumed', async () => {
  await withService(async ({ scene, fake, service, statusOf }) => {
    await service.apply({ workspaceVersion: 1, destinations: [configOf()], allow: [], deadLetters })
    await service.pause('hook', 'maintenance')
    await scene.add(...blocks)
    assert.equal(await service.expire('hook', 4), 4)
    assert.deepEqual([statusOf('hook')?.state, statusOf('hook')?.hold?.reason], ['paused', 'maintenance'])
    assert.equal(await service.expire('hook', 4), 0, 'once')
    await service.resume('hook')
    await scene.untilDone('hook')
    assert.deepEqual(
      fake.accepted.map(({ id }) => id),
      ['m4', 'm5'],
    )
    assert.equal(await service.expire('hook', 6), 0, 'there is nothing left')
    assert.deepEqual((await scene.ledgers())[0]?.dead, { expired: 4 })
  })
})

test('an open circuit is as it was after the backlog expired: it is open since then, and the backlog is not sent', async () => {
  await withService(async ({ scene, fake, service, statusOf }) => {
    fake.script = () => ({ status: 'retry', code: 'http_503', message: 'down' })
    const circuit = { circuitFailureShare: 0.1, circuitMinRequests: 1, circuitProbeDelayMs: 60_000 }
    const config = configOf({ delivery: { ...configOf().delivery, ...circuit } })
    await scene.add(...blocks)
    await service.apply({ workspaceVersion: 1, destinations: [config], allow: [], deadLetters })
    await until(() => statusOf('hook')?.state === 'open', 'the circuit to open')
    const before = statusOf('hook')
    const { calls } = fake
    assert.equal(await service.expire('hook', 3), 3)
    assert.deepEqual([statusOf('hook')?.state, statusOf('hook')?.hold], [before?.state, before?.hold])
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
    assert.equal(fake.calls, calls, 'nothing is sent before the next probe is due')
  })
})

test('a pause for refused credentials is taken over as well', async () => {
  await withService(async ({ scene, fake, service, statusOf }) => {
    const refusal = { status: 'unauthorized', code: 'http_401', message: 'who?' } as const
    fake.script = () => refusal
    Object.assign(fake.destination, { check: async () => refusal })
    await scene.add(...blocks)
    await service.apply({ workspaceVersion: 1, destinations: [configOf()], allow: [], deadLetters })
    await until(() => statusOf('hook')?.hold?.cause === 'unauthorized', 'the pause')
    const before = statusOf('hook')?.hold
    assert.equal(await service.expire('hook', 3), 3)
    const after = statusOf('hook')?.hold
    assert.deepEqual([after?.cause, after?.since, after?.reason], ['unauthorized', before?.since, before?.reason])
  })
})

test('nothing expires of a destination that goes on, of a paused warehouse, or after the end', async () => {
  await withService(async ({ scene, service }) => {
    const duck = configOf({ id: 'duck', type: 'duck', actions: [] })
    await service.apply({ workspaceVersion: 1, destinations: [configOf(), duck], allow: [], deadLetters })
    await service.pause('duck', 'maintenance')
    await scene.add(...blocks)
    assert.equal(await service.expire('hook', 6), 0)
    assert.equal(await service.expire('duck', 6), 0)
    await assert.rejects(service.expire('other', 6), /no destination "other"/)
    await scene.untilDone('hook')
    await service.pause('hook', 'maintenance')
    await scene.add([{ id: 'late' }])
    await service.stop()
    await assert.rejects(service.expire('hook', 7), /no destination "hook"/)
    assert.deepEqual((await scene.ledgers())[0]?.dead, {})
  })
})

test('a store that fails while the backlog expires leaves the rest pending, and the destination goes on', async () => {
  await withService(async ({ scene, fake, service }) => {
    await service.apply({ workspaceVersion: 1, destinations: [configOf()], allow: [], deadLetters })
    await service.pause('hook', 'maintenance')
    await scene.add(...blocks)
    scene.state.failNextTransaction(new Error('the disk is full'))
    await assert.rejects(service.expire('hook', 4), /the disk is full/)
    assert.deepEqual((await scene.ledgers())[0]?.dead, {})
    await service.resume('hook')
    await scene.untilDone('hook')
    assert.equal(fake.accepted.length, 6)
  })
})

test('who is resumed while its backlog expires goes on with what is left of it, and is known all the time', async () => {
  await withService(async ({ scene, fake, service, statusOf }) => {
    await service.apply({ workspaceVersion: 1, destinations: [configOf()], allow: [], deadLetters })
    await service.pause('hook', 'maintenance')
    // More than is read at once.
    await scene.add(...Array.from({ length: 200 }, (_, block) => [{ id: `m${block}` }]))
    const transaction = scene.state.transaction.bind(scene.state)
    let resuming: Promise<void> | undefined
    scene.state.transaction = async (write) => {
      assert.ok(statusOf('hook') !== undefined)
      await transaction(write)
      resuming ??= service.resume('hook')
    }
    const expired = await service.expire('hook', 200)
    await resuming
    assert.ok(expired > 0 && expired < 200, `${expired} expired`)
    await scene.untilDone('hook')
    assert.equal(fake.accepted.length, 200 - expired)
    assert.equal(statusOf('hook')?.state, 'running')
  })
})

test('a destination that cannot be started again at once after it expired is started later', async () => {
  await withService(async ({ scene, fake, service }) => {
    await service.apply({ workspaceVersion: 1, destinations: [configOf()], allow: [], deadLetters })
    await service.pause('hook', 'maintenance')
    await scene.add(...blocks)
    const transaction = scene.state.transaction.bind(scene.state)
    let commits = 0
    scene.state.transaction = (write) =>
      ++commits === 2 ? Promise.reject(new Error('the disk is full')) : transaction(write)
    assert.equal(await service.expire('hook', 4), 4)
    assert.match(scene.warnings.join(), /"hook" cannot go on: .*the disk is full/)
    await service.resume('hook')
    await scene.untilDone('hook')
    assert.equal(fake.accepted.length, 2)
  })
})
