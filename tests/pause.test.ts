import assert from 'node:assert/strict'
import { test } from 'node:test'
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
