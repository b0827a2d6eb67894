import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineWarehouse } from '@millrace/component-kit'
import type { WarehouseMessage } from '@millrace/component-kit'
import { removeFolder, temporaryFolder } from '@millrace/testkit'
import { knownDestinations } from './delivery-ledger.ts'
import { keptCopies } from './dead/copy-store.ts'
import { consumerOf, decodeDeadLetter, deliveryState } from './delivery-state.ts'
import { systemClock } from './clock.ts'
import { DeliveryService } from './delivery-service.ts'
import type { DestinationConfig } from './destination-config.ts'
import { FakeDestination, configOf, copyOrders, sendTracks } from './testing/fake-destination.ts'
import { Scene } from './testing/scene.ts'
import { traceDeliveries } from './trace-deliveries.ts'

interface Fixture {
  scene: Scene
  fake: FakeDestination
  loaded: string[]
  apply: (version: number, ...configs: DestinationConfig[]) => Promise<void>
  /** As after a crash: a new service on the same state. */
  restart: () => Promise<void>
  service: () => DeliveryService
  accepted: () => string[]
}

const deadLetters = { maxAgeMs: 86_400_000, maxCopies: 1000, maxBytes: 1_000_000 }

const withService = async (use: (fixture: Fixture) => Promise<void>): Promise<void> => {
  const scene = new Scene()
  const fake = new FakeDestination()
  const dataDirectory = await temporaryFolder()
  const loaded: string[] = []
  let stored: { block: number; index: number } | undefined
  const warehouse = defineWarehouse({
    slug: 'duck',
    name: 'Duck',
    description: 'In memory.',
    settings: {},
    open: async () => ({
      cursor: async () => stored,
      load: async (messages: readonly WarehouseMessage[], next) => {
        loaded.push(...messages.map(({ message }) => message.messageId))
        stored = { ...next }
        return { rows: messages.length, dropped: 0 }
      },
      query: async (sql: string) => ({ columns: [sql], rows: [], truncated: false }),
      [Symbol.asyncDispose]: async () => {},
    }),
  })
  const newService = (): DeliveryService =>
    new DeliveryService({
      feed: scene.newFeed(),
      state: scene.state,
      components: { destinations: { fake: fake.destination }, warehouses: { duck: warehouse } },
      resolvedBefore: scene.resolvedBefore,
      dataDirectory,
      userAgent: 'test',
      schemaOf: (source) => source,
      clock: systemClock,
      random: () => 0,
      warn: (message) => scene.warnings.push(message),
    })
  let service = newService()
  try {
    await use({
      scene,
      fake,
      loaded,
      apply: (workspaceVersion, ...destinations) =>
        service.apply({ workspaceVersion, destinations, allow: [], deadLetters }),
      restart: async () => {
        await service.stop()
        service = newService()
      },
      service: () => service,
      accepted: () => fake.accepted.map(({ id }) => id),
    })
    assert.deepEqual(await scene.problems(), [])
  } finally {
    await service.stop()
    await removeFolder(dataDirectory)
  }
}

const idsOf = async (scene: Scene): Promise<string[]> => (await knownDestinations(scene.state)).map(({ id }) => id)

test('starts what is added, and applying the same version again changes nothing', async () => {
  await withService(async ({ scene, apply, accepted, service }) => {
    await scene.add([{ id: 'a' }])
    await apply(1, configOf())
    await Promise.all([apply(1, configOf()), apply(1, configOf()), apply(1, configOf())])
    await scene.untilDone('hook')
    await scene.add([{ id: 'b' }])
    await scene.untilDone('hook')
    assert.deepEqual(accepted(), ['a', 'b'])
    assert.deepEqual(
      service()
        .statuses()
        .map(({ status }) => status.destination),
      ['hook'],
    )
    assert.equal(service().inFlight().get('hook'), 0)
  })
})

test('a new destination begins at its start, also when that is not resolved yet', async () => {
  await withService(async ({ scene, apply, accepted }) => {
    await scene.add([{ id: 'a' }])
    await scene.append([{ id: 'b' }])
    const applied = apply(1, configOf({ start: { block: 2, index: 0 } }))
    await scene.append([{ id: 'c' }])
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    assert.deepEqual(await idsOf(scene), [], 'its account needs to know what came before')
    await scene.resolveAll()
    await applied
    await scene.untilDone('hook')
    assert.deepEqual(accepted(), ['c'])
    assert.equal((await scene.ledgers())[0]?.resolved, 1)
  })
})

test("a start before the oldest kept block is moved there: what retention removed is nobody's backlog", async () => {
  await withService(async ({ scene, apply, accepted }) => {
    await scene.add([{ id: 'a' }], [{ id: 'b' }])
    await scene.log.truncate(1)
    await apply(1, configOf())
    await scene.untilDone('hook')
    assert.deepEqual(accepted(), ['b'])
    assert.deepEqual(
      (await scene.ledgers()).map(({ resolved, delivered }) => ({ resolved, delivered })),
      [{ resolved: 1, delivered: 1 }],
    )
  })
})

test('a change holds for what comes after it, with or without a restart of its connections', async () => {
  await withService(async ({ scene, apply, accepted }) => {
    await scene.add([{ id: 'a' }])
    await apply(1, configOf())
    await scene.untilDone('hook')
    await apply(2, configOf({ enabled: false }))
    await scene.add([{ id: 'b' }])
    await scene.untilDone('hook')
    await apply(3, configOf({ delivery: { ...configOf().delivery, timeoutMs: 5 } }))
    await scene.add([{ id: 'c' }])
    await scene.untilDone('hook')
    assert.deepEqual(accepted(), ['a', 'c'])
    assert.deepEqual((await scene.ledgers())[0]?.filtered, { disabled: 1 })
  })
})

test('a rename keeps the account: cursor, outcomes, counters and letters go along', async () => {
  await withService(async ({ scene, fake, apply, restart, accepted }) => {
    fake.script = (_, { messageId }) =>
      messageId === 'bad' ? { status: 'rejected', code: 'no', message: 'no' } : { status: 'delivered' }
    await scene.add([{ id: 'a' }, { id: 'bad' }])
    // Another one whose id begins alike must not be touched.
    await apply(1, configOf(), configOf({ id: 'hook2', name: 'Hook 2' }))
    await scene.untilDone('hook')
    await scene.untilDone('hook2')
    const renamed = configOf({ id: 'posts', formerId: 'hook' })
    await apply(2, renamed, configOf({ id: 'hook2', name: 'Hook 2' }))
    await scene.add([{ id: 'b' }])
    await restart()
    await apply(2, renamed, configOf({ id: 'hook2', name: 'Hook 2' }))
    await scene.untilDone('posts')
    await scene.untilDone('hook2')
    assert.deepEqual(
      accepted().sort((a, b) => a.localeCompare(b)),
      ['a', 'a', 'b', 'b'],
    )
    assert.deepEqual(await idsOf(scene), ['hook2', 'posts'])
    const ledgers = await scene.ledgers()
    assert.deepEqual(
      ledgers.map(({ destination, delivered, dead }) => ({ destination, delivered, dead })),
      [
        { destination: 'hook2', delivered: 2, dead: { rejected: 1 } },
        { destination: 'posts', delivered: 2, dead: { rejected: 1 } },
      ],
    )
    const letters = await scene.state.scan(deliveryState.dead, { prefix: ['posts'] })
    assert.deepEqual(
      letters.map(({ value }) => decodeDeadLetter(value).messageId),
      ['bad'],
    )
    assert.equal(await scene.state.cursor(consumerOf('hook')), undefined)
  })
})

test('copies of dead messages go along with a rename, go when their time is over, and with a removed destination', async () => {
  await withService(async ({ scene, fake, apply, service }) => {
    fake.script = () => ({ status: 'rejected', code: 'no', message: 'no' })
    const kept = async (id: string): Promise<number> => (await keptCopies(scene.state, id)).copies
    await scene.add([{ id: 'a' }, { id: 'b' }])
    await apply(1, configOf())
    await scene.untilDone('hook')
    assert.equal(await kept('hook'), 2)
    const renamed = configOf({ id: 'posts', formerId: 'hook' })
    await apply(2, renamed)
    assert.deepEqual([await kept('hook'), await kept('posts')], [0, 2])
    await service().copiesPruned()
    assert.equal(await kept('posts'), 2)
    const before = { ...deadLetters }
    deadLetters.maxAgeMs = -1
    await apply(3, renamed)
    await service().copiesPruned()
    Object.assign(deadLetters, before)
    assert.equal(await kept('posts'), 0)
    await scene.add([{ id: 'c' }])
    await scene.untilDone('posts')
    assert.equal(await kept('posts'), 1)
    await apply(4)
    assert.equal((await scene.state.scan(deliveryState.deadCopies)).length, 0)
    assert.equal((await scene.state.scan(deliveryState.dead)).length, 3)
  })
})

test('removing one with a backlog makes it dead(removed) at each action; what it would have filtered stays filtered', async () => {
  await withService(async ({ scene, fake, apply }) => {
    await apply(1, configOf({ actions: [sendTracks, copyOrders] }))
    fake.script = () => ({ status: 'retry', code: 'down', message: 'down' })
    const block = [
      { id: 'a' },
      { id: 'b', event: 'Order' },
      { id: 'p', type: 'page' as const },
      { id: 'o', integrations: { All: false } },
      { id: 'd', duplicate: true as const },
    ]
    await scene.add(...Array.from({ length: 30 }, () => block))
    await apply(2)
    const [ledger, ...others] = await scene.ledgers()
    assert.deepEqual(others, [])
    assert.deepEqual(ledger, {
      destination: 'hook~2',
      source: 'web',
      resolved: 120,
      delivered: 0,
      filtered: { no_action: 30, integrations: 30 },
      pending: { waiting: 0, inFlight: 0, parked: 0 },
      dead: { removed: 60 },
      actions: {
        copy: { delivered: 0, dead: { removed: 30 } },
        send: { delivered: 0, dead: { removed: 60 } },
      },
      removed: true,
    })
    assert.equal((await knownDestinations(scene.state))[0]?.meta.removedAt?.length, 24)
  })
})

test('an id that is added again after its removal has a fresh account', async () => {
  await withService(async ({ scene, apply, restart }) => {
    await scene.add([{ id: 'a' }])
    await apply(1, configOf())
    await scene.untilDone('hook')
    await apply(2)
    await restart()
    await apply(2)
    await scene.add([{ id: 'b' }])
    await apply(3, configOf({ start: { block: 1, index: 0 } }))
    await scene.untilDone('hook')
    await scene.add([{ id: 'c' }])
    await scene.untilDone('hook')
    await apply(4)
    assert.deepEqual(
      (await scene.ledgers()).map(({ destination, delivered, resolved }) => ({ destination, delivered, resolved })),
      [
        { destination: 'hook~2', delivered: 1, resolved: 1 },
        { destination: 'hook~4', delivered: 2, resolved: 2 },
      ],
    )
  })
})

test('dying at any commit of a removal is completed by the next start', async () => {
  for (let commits = 0; commits < 6; commits++) {
    await withService(async ({ scene, fake, apply, restart }) => {
      await apply(1, configOf())
      fake.script = () => ({ status: 'retry', code: 'down', message: 'down' })
      for (let block = 0; block < 3; block++) {
        await scene.add(Array.from({ length: 40 }, (_, row) => ({ id: `m${block}-${row}` })))
      }
      await restart()
      const transaction = scene.state.transaction.bind(scene.state)
      let left = commits
      scene.state.transaction = (write) => (left-- > 0 ? transaction(write) : Promise.reject(new Error('died')))
      const removal = apply(2)
      await (commits < 3 ? assert.rejects(removal, /died/) : removal.catch(() => undefined))
      scene.state.transaction = transaction
      assert.deepEqual(await scene.problems(), [])
      await restart()
      await apply(2)
      assert.deepEqual(await idsOf(scene), ['hook~2'])
      assert.deepEqual((await scene.ledgers())[0]?.dead, { removed: 120 })
    })
  }
})

test('a warehouse is loaded and can be queried; another destination cannot', async () => {
  await withService(async ({ scene, loaded, apply, service }) => {
    await scene.add([{ id: 'a' }])
    await apply(1, configOf({ id: 'wh', type: 'duck', name: 'Wh', actions: [] }))
    await scene.untilDone('wh')
    assert.deepEqual(loaded, ['a'])
    const limits = { maxRows: 1, timeoutMs: 1 }
    assert.deepEqual((await service().query('wh', 'select 1', limits)).columns, ['select 1'])
    await assert.rejects(service().query('hook', 'select 1', limits), /"hook" is no warehouse; there are: wh/)
  })
})

test('what a warehouse would have left out is filtered when it is removed', async () => {
  await withService(async ({ scene, apply, restart }) => {
    await apply(1, configOf({ id: 'wh', type: 'duck', name: 'Wh', actions: [] }))
    await restart()
    await scene.add([{ id: 'b' }, { id: 'c', type: 'page' }, { id: 'd', integrations: { All: false } }])
    await apply(2)
    const [ledger] = await scene.ledgers()
    assert.deepEqual([ledger?.dead, ledger?.filtered], [{ removed: 2 }, { integrations: 1 }])
  })
})

test('a destination without actions filters its backlog when it is removed, it is no warehouse', async () => {
  await withService(async ({ scene, apply, restart }) => {
    await apply(1, configOf({ actions: [] }))
    await restart()
    await scene.add([{ id: 'b' }])
    await apply(2)
    assert.deepEqual((await scene.ledgers())[0]?.filtered, { no_action: 1 })
  })
})

test('a destination that becomes a warehouse begins there with an empty one', async () => {
  await withService(async ({ scene, loaded, apply, restart }) => {
    await scene.add([{ id: 'a' }])
    await apply(1, configOf())
    await scene.untilDone('hook')
    const duck = configOf({ type: 'duck', actions: [] })
    await apply(2, duck)
    await scene.add([{ id: 'b' }])
    await scene.untilDone('hook')
    await restart()
    await apply(2, duck)
    await scene.add([{ id: 'c' }])
    await scene.untilDone('hook')
    assert.deepEqual(loaded, ['b', 'c'])
  })
})

test('a new destination that waits for the resolve stage does not keep those that run already from going on', async () => {
  await withService(async ({ scene, apply, restart, accepted }) => {
    await apply(1, configOf({ id: 'old' }))
    await restart()
    await scene.add([{ id: 'a' }])
    await scene.append([{ id: 'b' }])
    const applied = apply(2, configOf({ id: 'new', start: { block: 2, index: 0 } }), configOf({ id: 'old' }))
    await scene.untilDone('old')
    assert.deepEqual(accepted(), ['a'])
    await scene.resolveAll()
    await applied
    await scene.untilDone('old')
    await scene.untilDone('new')
    assert.deepEqual(accepted(), ['a', 'b'])
  })
})

test('stopping in the middle of a removal leaves the rest of it to the next start', async () => {
  await withService(async ({ scene, apply, restart, service }) => {
    await apply(1, configOf())
    await restart()
    await scene.add(...Array.from({ length: 200 }, (_, block) => [{ id: `m${block}` }]))
    const transaction = scene.state.transaction.bind(scene.state)
    let commits = 0
    let stopping: Promise<void> = Promise.resolve()
    scene.state.transaction = (write) => {
      if (++commits === 2) stopping = service().stop()
      return transaction(write)
    }
    await apply(2)
    await stopping
    scene.state.transaction = transaction
    assert.deepEqual(await idsOf(scene), ['hook'])
    assert.deepEqual(await scene.problems(), [])
    await restart()
    await apply(2)
    assert.deepEqual((await scene.ledgers())[0]?.dead, { removed: 200 })
  })
})

test('an unknown type is refused with its name', async () => {
  await withService(async ({ apply }) => {
    await assert.rejects(apply(1, configOf({ type: 'nothing' })), /destination "hook" has the unknown type "nothing"/)
  })
})

test('retention takes the outcome records of removed blocks, and the account still verifies', async () => {
  await withService(async ({ scene, fake, apply, restart }) => {
    fake.script = (_, { messageId }) =>
      messageId.startsWith('bad') ? { status: 'rejected', code: 'no', message: 'no' } : { status: 'delivered' }
    const config = configOf({ actions: [sendTracks] })
    await apply(1, config)
    for (let block = 0; block < 6; block++) {
      await scene.add([{ id: `a${block}` }, { id: `bad${block}`, source: 'app' }, { id: `p${block}`, type: 'page' }])
      await scene.untilDone('hook')
    }
    const before = await scene.ledgers()
    const records = (await scene.state.scan(deliveryState.outcomes)).length
    await scene.log.truncate(4)
    assert.deepEqual(await scene.problems(), [], 'before the records are removed')
    await restart()
    await apply(1, config)
    assert.ok((await scene.state.scan(deliveryState.outcomes)).length <= records - 4)
    assert.deepEqual(await scene.problems(), [])
    assert.deepEqual(await scene.ledgers(), before)
    assert.equal((await scene.state.scan(deliveryState.dead)).length, 6, 'letters outlive the log')
    const feed = scene.newFeed()
    assert.equal((await traceDeliveries(scene.state, feed, { block: 5, index: 0 }))[0]?.outcome, 'delivered')
    await scene.state.transaction((tx) => tx.add('hook/web/2', -1))
    assert.ok((await scene.problems()).some(({ message }) => message.includes('counter hook/web/2 differ')))
    await scene.state.transaction((tx) => tx.add('hook/web/2', 1))
  })
})

test('stopping waits for no new destination whose start is not resolved', async () => {
  await withService(async ({ scene, apply, service }) => {
    await scene.append([{ id: 'a' }])
    const applied = apply(1, configOf({ start: { block: 1, index: 0 } }))
    await new Promise(setImmediate)
    await service().stop()
    await applied
    assert.deepEqual(await idsOf(scene), [])
  })
})

test('a pause lasts over restarts, changes and renames, for destinations and warehouses, until it is taken back', async () => {
  await withService(async ({ scene, apply, restart, accepted, loaded, service }) => {
    const duck = configOf({ id: 'duck', type: 'duck', actions: [] })
    await scene.add([{ id: 'a' }])
    await apply(1, configOf(), duck)
    await scene.untilDone('hook')
    await scene.untilDone('duck')
    await service().pause('hook', 'maintenance')
    await service().pause('hook', 'asked twice')
    await service().pause('duck', 'maintenance')
    await assert.rejects(service().pause('other', ''), /no destination "other"/)
    await scene.add([{ id: 'b' }])
    await restart()
    await apply(2, configOf({ settings: { changed: true } }), duck)
    await apply(3, configOf({ id: 'renamed', formerId: 'hook' }), duck)
    await restart()
    await apply(4, configOf({ id: 'renamed', formerId: 'hook' }), duck)
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
    assert.deepEqual([accepted(), loaded], [['a'], ['a']])
    for (const { status } of service().statuses()) {
      assert.deepEqual([status.state, status.hold?.cause, status.hold?.reason], ['paused', 'operator', 'maintenance'])
    }
    await service().resume('renamed')
    await service().resume('duck')
    await scene.untilDone('renamed')
    await scene.untilDone('duck')
    assert.deepEqual(
      [accepted(), loaded],
      [
        ['a', 'b'],
        ['a', 'b'],
      ],
    )
    await restart()
    await apply(4, configOf({ id: 'renamed', formerId: 'hook' }), duck)
    assert.deepEqual(
      service()
        .statuses()
        .map(({ status }) => status.state),
      ['running', 'running'],
    )
  })
})
