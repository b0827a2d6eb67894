import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import type { ApiError } from '@millrace/api-client'
import { accountOf, assertBalanced, drained } from './support/accounts.ts'
import { assertAllDelivered } from './support/all-delivered.ts'
import { eventually } from './support/eventually.ts'
import type { Load } from './support/load.ts'
import { post } from './support/post.ts'
import { duckdb, webhookTo, withRig, workspaceOf } from './support/rig.ts'

/** Changes of the workspace while applications send: each applies at one place of the log and loses nothing. */
const timeout = 120_000

const progress = (load: Load, messages: number): Promise<true> => {
  const before = load.acknowledged.size
  return eventually(`${messages} more messages are accepted`, () =>
    load.acknowledged.size >= before + messages ? true : undefined,
  )
}

test('a new destination receives what is accepted from the change on, and nothing from before', { timeout }, () =>
  withRig({ what: 'new destination', fromFile: false }, async ({ server, hook, load, receiver }) => {
    const second = await receiver('second')
    load.start()
    await progress(load, 200)
    const acknowledgedBefore = new Set(load.acknowledged)
    await server.api.putWorkspace({
      document: workspaceOf({ hook: webhookTo(hook), warehouse: duckdb, second: webhookTo(second) }),
      by: 'test',
    })
    const sentBefore = new Set(load.sent)
    await progress(load, 200)
    await load.settle()
    const ledger = await assertAllDelivered(server, hook.record, load)
    const { keys, faults } = await second.record.update()
    assert.deepEqual(faults, [])
    assert.deepEqual(
      [...acknowledgedBefore].filter((id) => keys.has(id)),
      [],
      'accepted before the change',
    )
    assert.deepEqual(
      [...load.acknowledged].filter((id) => !sentBefore.has(id) && !keys.has(id)),
      [],
      'sent after it',
    )
    const { resolved, delivered } = accountOf(ledger, 'second')
    assert.deepEqual({ resolved, delivered }, { resolved: keys.size, delivered: keys.size })
  }),
)

test('a renamed destination goes on where it was, with its account', { timeout }, () =>
  withRig({ what: 'rename', fromFile: false }, async ({ server, hook, load }) => {
    load.start()
    await progress(load, 200)
    await server.api.putWorkspace({
      document: workspaceOf({
        partner: { ...webhookTo(hook), formerId: 'hook' },
        store: { ...duckdb, formerId: 'warehouse' },
      }),
      by: 'test',
    })
    await progress(load, 200)
    await server.crash()
    await server.restart()
    await load.settle()
    await drained(server)
    const { ledger } = await assertBalanced(server)
    const { keys } = await hook.record.update()
    assert.deepEqual(
      [...load.acknowledged].filter((id) => !keys.has(id)),
      [],
    )
    assert.deepEqual(ledger.destinations.map(({ destination }) => destination).sort(), ['partner', 'store'])
    for (const id of ['partner', 'store']) {
      const { resolved, delivered } = accountOf(ledger, id)
      assert.deepEqual({ id, resolved, delivered }, { id, resolved: keys.size, delivered: keys.size })
    }
  }),
)

test('removing a destination with a backlog needs its confirmation, and then its messages are dead', { timeout }, () =>
  withRig({ what: 'removal', fromFile: false }, async ({ server, hook, load, receiver }) => {
    const down = await receiver('down', { down: true })
    const others = { hook: webhookTo(hook), warehouse: duckdb }
    await server.api.putWorkspace({ document: workspaceOf({ ...others, down: webhookTo(down) }), by: 'test' })
    load.start()
    await progress(load, 100)
    await assert.rejects(
      server.api.putWorkspace({ document: workspaceOf(others), by: 'test' }),
      ({ status, message }: ApiError) => status === 409 && /"down" \(\d+ messages wait\)/.test(message),
    )
    await progress(load, 50)
    const { pending } = accountOf(await server.api.ledger(), 'down')
    assert.ok(pending.waiting + pending.inFlight > 0, 'the refused change changed nothing')
    await server.api.putWorkspace({ document: workspaceOf(others), by: 'test', confirm: ['down'] })
    const removed = await eventually('the account is closed', async () =>
      (await server.api.ledger()).destinations.find((each) => each.removed),
    )
    const { resolved, delivered, dead } = removed
    assert.equal(delivered, 0)
    assert.ok((dead['removed'] ?? 0) > 100)
    assert.deepEqual({ removed: resolved }, dead)
    await load.settle()
    await assertAllDelivered(server, hook.record, load)
  }),
)

test('a disabled source is refused from the change on', { timeout }, () =>
  withRig({ what: 'disabled source', fromFile: false }, async ({ server, hook, load }) => {
    load.start()
    await progress(load, 50)
    await load.settle()
    const destinations = { hook: webhookTo(hook), warehouse: duckdb }
    const disabled = { web: { type: 'http', writeKeys: ['wk_web'], enabled: false } }
    await server.api.putWorkspace({ document: workspaceOf(destinations, disabled), by: 'test' })
    // The answer to the change and the change itself reach the ingest process by different ways.
    const rejected = await eventually('a message is refused', async () => {
      load.sent.add(`late-${load.sent.size}`)
      const body = JSON.stringify({ userId: 'u', event: 'Late', messageId: [...load.sent].at(-1) })
      const { status } = await post(`${server.url}/v1/track`, body, { writeKey: 'wk_web' })
      assert.equal(status, 200, 'a permissive answer')
      const { sources } = await server.api.ledger()
      return sources.find(({ source }) => source === 'web')?.rejected['source_disabled']
    })
    assert.ok(rejected > 0)
    await assertAllDelivered(server, hook.record, load)
  }),
)

test('a bad document is refused whole with its problems, and the version in force stays', { timeout }, () =>
  withRig({ what: 'bad document', fromFile: false }, async ({ server, hook, load }) => {
    load.start()
    const before = await server.api.workspace()
    for (const [document, path] of [
      [workspaceOf({ hook: { type: 'webhook', settings: { url: 7 } } }), 'destinations.hook.settings.url'],
      [workspaceOf({ hook: { type: 'nothing' } }), 'destinations.hook.type'],
      [{ sources: { web: { type: 'http', writeKeys: 'wk' } } }, 'sources.web.writeKeys'],
    ] as const) {
      await assert.rejects(
        server.api.putWorkspace({ document, by: 'test' }),
        ({ code, errors }: ApiError) => code === 'invalid_workspace' && errors.some((error) => error.path === path),
      )
    }
    assert.equal((await server.api.workspace()).version, before.version)
    await progress(load, 50)
    await load.settle()
    await assertAllDelivered(server, hook.record, load)
  }),
)

test('a changed file applies when it is asked to be read again, a bad one does not', { timeout }, () =>
  withRig({ what: 'file' }, async ({ server, hook, load, receiver }) => {
    const second = await receiver('second')
    load.start()
    await progress(load, 50)
    await writeFile(server.configFile, '{"sources": [}')
    await assert.rejects(server.api.reloadWorkspace({ by: 'test' }))
    const destinations = { hook: webhookTo(hook), warehouse: duckdb, second: webhookTo(second) }
    await writeFile(server.configFile, JSON.stringify(workspaceOf(destinations)))
    const { version } = await server.api.reloadWorkspace({ by: 'test' })
    assert.equal(version, 2)
    await progress(load, 50)
    await load.settle()
    await assertAllDelivered(server, hook.record, load)
    assert.ok((await second.record.update()).keys.size > 0)
  }),
)
