import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { QueryResult, SinkCursor, WarehouseMessage, WarehouseSession } from '@millrace/component-kit'
import type { Cursor, StateStore } from '@millrace/storage'
import { seededRandom } from '@millrace/testkit'
import { consumerOf } from './delivery-state.ts'
import type { DestinationConfig } from './destination-config.ts'
import { systemClock } from './clock.ts'
import { SinkRunner } from './sink-runner.ts'
import { configOf } from './testing/fake-destination.ts'
import { Scene, until } from './testing/scene.ts'
import type { TestRow } from './testing/scene.ts'

/** A warehouse in memory: rows and cursor change together or not at all. */
class FakeWarehouse {
  rows: string[] = []
  stored: SinkCursor | undefined
  loads = 0
  /** What the next loads do; `lost` commits and then fails, as a connection that breaks on the answer. */
  script: ('ok' | 'fail' | 'lost')[] = []
  opened = 0
  disposed = 0

  open = async (): Promise<WarehouseSession> => {
    this.opened++
    return {
      cursor: async () => this.stored && { ...this.stored },
      load: async (messages: readonly WarehouseMessage[], next: SinkCursor) => {
        this.loads++
        const what = this.script.shift() ?? 'ok'
        if (what === 'fail') throw new Error('the disk of the warehouse is full')
        this.rows = [...this.rows, ...messages.map(({ schema, message }) => `${schema}:${message.messageId}`)]
        this.stored = { ...next }
        if (what === 'lost') throw new Error('the connection broke')
        return { rows: messages.length, dropped: 0 }
      },
      query: async (): Promise<QueryResult> => ({ columns: [], rows: [], truncated: false }),
      [Symbol.asyncDispose]: async () => {
        this.disposed++
      },
    }
  }
}

const startSink = async (
  scene: Scene,
  warehouse: FakeWarehouse,
  options: { config?: DestinationConfig; state?: StateStore; start?: Cursor } = {},
): Promise<{ runner: SinkRunner; stop: () => Promise<void> }> => {
  const config = options.config ?? configOf({ id: 'wh', name: 'Wh', actions: [] })
  const feed = scene.newFeed()
  const runner = new SinkRunner({
    config,
    workspaceVersion: 1,
    feed,
    state: options.state ?? scene.state,
    cursor: (await scene.state.cursor(consumerOf('wh'))) ?? config.start,
    start: options.start ?? config.start,
    schemaOf: (source) => `s_${source}`,
    open: warehouse.open,
    clock: systemClock,
    random: () => 0,
    warn: (message) => scene.warnings.push(message),
  })
  runner.start()
  const stop = async (): Promise<void> => {
    await runner.stop()
    feed.close()
  }
  return { runner, stop }
}

const opened = async (...blocks: TestRow[][]): Promise<Scene> => {
  const scene = new Scene()
  await scene.openAccount('wh')
  await scene.add(...blocks)
  return scene
}

test('loads every resolved message of its sources once, into the schema of its source', async () => {
  const scene = await opened(
    [{ id: 'a' }, { id: 'b', source: 'app' }, { id: 'c', source: 'ios' }],
    [
      { rejected: true },
      { id: 'a', duplicate: true },
      { id: 'd', integrations: { All: false } },
      { id: 'e', type: 'page' },
    ],
  )
  const warehouse = new FakeWarehouse()
  const config = configOf({ id: 'wh', name: 'Wh', actions: [], sources: ['web', 'app'] })
  const { stop } = await startSink(scene, warehouse, { config })
  await scene.untilDone('wh')
  await stop()
  assert.deepEqual(warehouse.rows, ['s_web:a', 's_app:b', 's_web:e'])
  assert.equal(warehouse.disposed, 1)
  assert.deepEqual(warehouse.stored, await scene.state.cursor('delivery/wh'))
  assert.deepEqual(await scene.problems(), [])
})

test('dying between load and commit, and failing loads, load nothing twice and leave nothing out', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(0xffff_ffff),
      fc.array(fc.constantFrom('ok', 'fail', 'lost'), { maxLength: 8 }),
      fc.nat(4),
      async (seed, script, deaths) => {
        const random = seededRandom(seed)
        const scene = new Scene()
        await scene.openAccount('wh')
        const warehouse = new FakeWarehouse()
        warehouse.script = [...script] as ('ok' | 'fail' | 'lost')[]
        let next = 0
        const add = async (): Promise<void> => {
          const blocks = Array.from({ length: 1 + random.integer(4) }, () =>
            Array.from({ length: random.integer(5) }, (): TestRow => {
              const id = `m${next++}`
              const kind = random.integer(6)
              if (kind === 0) return { rejected: true }
              if (kind === 1) return { id, duplicate: true }
              if (kind === 2) return { id, integrations: { wh: false } }
              return { id, source: random.pick(['web', 'app']) }
            }),
          )
          await scene.add(...blocks)
        }
        for (let death = 0; death < deaths; death++) {
          await add()
          // The loads go on, the commits of the ledger do not: at the restart the sink is ahead.
          const dead = Object.create(scene.state) as typeof scene.state
          dead.transaction = () => Promise.reject(new Error('the process is dead'))
          const { stop } = await startSink(scene, warehouse, { state: dead })
          const unstored = (): number => scene.warnings.filter((line) => line.includes('cannot store')).length
          const before = unstored()
          await until(() => unstored() > before, 'a commit that fails')
          await stop()
          assert.deepEqual(await scene.problems(), [])
        }
        await add()
        const { stop } = await startSink(scene, warehouse)
        await scene.untilDone('wh')
        await stop()
        const expected = scene.rows
          .filter(({ row }) => !row.rejected && !row.duplicate && !row.integrations)
          .map(({ row }) => `s_${row.source ?? 'web'}:${row.id ?? ''}`)
        assert.deepEqual(warehouse.rows, expected)
        assert.deepEqual(await scene.problems(), [])
      },
    ),
    { numRuns: 40 },
  )
})

test('a sink that is ahead of the ledger gets no load for the gap, and the ledger counts it', async () => {
  const scene = await opened([{ id: 'a' }], [{ id: 'b', type: 'page' }])
  const warehouse = new FakeWarehouse()
  warehouse.stored = { block: 2, index: 0 }
  const { stop } = await startSink(scene, warehouse)
  await scene.untilDone('wh')
  await stop()
  assert.equal(warehouse.loads, 0)
  assert.equal((await scene.ledgers())[0]?.delivered, 2)
  assert.deepEqual(await scene.problems(), [])
})

for (const { name, stored } of [
  { name: 'behind the ledger', stored: { block: 1, index: 0 } },
  { name: 'empty', stored: undefined },
]) {
  test(`a warehouse that is ${name} is refused with the remedy, and nothing is loaded`, async () => {
    const scene = await opened([{ id: 'a' }], [{ id: 'b' }])
    const warehouse = new FakeWarehouse()
    const first = await startSink(scene, warehouse)
    await scene.untilDone('wh')
    await first.stop()
    await scene.add([{ id: 'c' }])
    warehouse.stored = stored
    const loads = warehouse.loads
    const { runner, stop } = await startSink(scene, warehouse)
    await until(() => scene.warnings.length > 2, 'some warnings')
    assert.equal(runner.status().state, 'retrying')
    assert.match(runner.status().lastFailure?.message ?? '', /ledger.*2:0.*restore the file/)
    await stop()
    assert.equal(warehouse.loads, loads)
    assert.deepEqual(await scene.problems(), [])
  })
}

test('an empty warehouse is right where the destination became one, in the middle of a block', async () => {
  const scene = await opened([{ id: 'a' }, { id: 'b' }], [{ id: 'c' }])
  await scene.state.transaction((tx) => tx.setCursor('delivery/wh', { block: 0, index: 1 }))
  const warehouse = new FakeWarehouse()
  const { stop } = await startSink(scene, warehouse, { start: { block: 0, index: 1 } })
  await scene.untilDone('wh')
  await stop()
  assert.deepEqual(warehouse.rows, ['s_web:b', 's_web:c'])
})

test('a disabled warehouse loads nothing, and says so in the ledger', async () => {
  const scene = await opened([{ id: 'a' }])
  const warehouse = new FakeWarehouse()
  const config = configOf({ id: 'wh', name: 'Wh', actions: [], enabled: false })
  const { runner, stop } = await startSink(scene, warehouse, { config })
  await scene.untilDone('wh')
  assert.equal(runner.status().state, 'disabled')
  runner.update({ ...config, enabled: true }, 2)
  await scene.add([{ id: 'b' }])
  await scene.untilDone('wh')
  await stop()
  assert.deepEqual(warehouse.rows, ['s_web:b'])
  assert.deepEqual((await scene.ledgers())[0]?.filtered, { disabled: 1 })
  assert.deepEqual(await scene.problems(), [])
})

test('a warehouse that cannot be opened at first is opened later, and says until then why it cannot be queried', async () => {
  const scene = await opened([{ id: 'a' }])
  const warehouse = new FakeWarehouse()
  const { open } = warehouse
  let failures = 0
  warehouse.open = async () => {
    if (failures++ < 3) throw new Error('locked by another process')
    return open()
  }
  const { runner, stop } = await startSink(scene, warehouse)
  await assert.rejects(runner.session(), /warehouse "wh" is not open/)
  await scene.untilDone('wh')
  await until(() => runner.status().state === 'running', 'the failure to be forgotten')
  await stop()
  assert.equal(warehouse.opened, 1)
  assert.ok(scene.warnings[0]?.includes('locked by another process'))
})

test('commits of the ledger that fail for a while are repeated, and loading waits', async () => {
  const scene = await opened([{ id: 'a' }])
  const warehouse = new FakeWarehouse()
  scene.state.failNextTransaction(new Error('disk full'))
  const { stop } = await startSink(scene, warehouse)
  await scene.untilDone('wh')
  await stop()
  assert.equal(warehouse.loads, 1)
  assert.deepEqual(await scene.problems(), [])
})
