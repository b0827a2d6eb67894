import assert from 'node:assert/strict'
import { test } from 'node:test'
import { typed } from './examples/command-line.ts'
import { assertAllDelivered } from './support/all-delivered.ts'
import { eventually } from './support/eventually.ts'
import { withRig } from './support/rig.ts'

const what = 'a paused destination gets nothing, also after kill -9, and everything once it is resumed'

test(what, { timeout: 120_000 }, () =>
  withRig({ what: 'pause' }, async ({ server, hook, load }) => {
    const received = async (): Promise<number> => (await hook.record.update()).keys.size
    const stateOfHook = async () =>
      (await server.api.destinations()).destinations.find(({ destination }) => destination === 'hook')
    load.start()
    await eventually('something arrives', async () => (await received()) > 0 || undefined)
    await server.api.pause('hook', { reason: 'maintenance' })
    await server.crash()
    await server.restart()
    const status = await eventually('the destination is known again', stateOfHook)
    assert.deepEqual([status.state, status.hold?.cause, status.hold?.reason], ['paused', 'operator', 'maintenance'])
    const [before, accepted] = [await received(), load.acknowledged.size]
    await eventually('more is accepted', () => load.acknowledged.size > accepted + 300 || undefined)
    assert.equal(await received(), before)
    assert.equal((await server.api.resume('hook')).state, 'running')
    await load.settle()
    await assertAllDelivered(server, hook.record, load)
  }),
)

const byCommand = 'pause and resume by command line: the destination says why it waits, and what waited arrives once'

test(byCommand, { timeout: 120_000 }, () =>
  withRig({ what: 'pause by command' }, async ({ server, hook, load }) => {
    assert.match(await typed('npx millrace pause hook --reason "new receiver"', server), /hook is paused/)
    const before = load.acknowledged.size
    load.start()
    await eventually('something is accepted', () => load.acknowledged.size > before + 100 || undefined)
    assert.match(await typed('npx millrace destinations', server), /hook .*paused.*new receiver/)
    assert.equal((await hook.record.update()).keys.size, 0)
    assert.match(await typed('npx millrace resume hook', server), /hook is /)
    await load.settle()
    await assertAllDelivered(server, hook.record, load)
  }),
)
