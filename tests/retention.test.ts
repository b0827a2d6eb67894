import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountOf, assertBalanced, drained } from './support/accounts.ts'
import { eventually } from './support/eventually.ts'
import { duckdb, webhookTo, withRig, workspaceOf } from './support/rig.ts'

const MEBIBYTE = 1024 * 1024

const what =
  'at the disk quota a paused destination is warned of, then its oldest messages expire; others go on, and so does it when it is resumed'

test(what, { timeout: 180_000 }, () =>
  withRig(
    { what: 'retention', fromFile: false, load: { padBytes: 1_000, pauseMs: 100 } },
    async ({ server, hook, load, receiver }) => {
      const live = await receiver('live')
      const quotaBytes = 4 * MEBIBYTE
      const document = {
        ...workspaceOf({ hook: webhookTo(hook), live: webhookTo(live), warehouse: duckdb }),
        settings: {
          retention: { diskQuotaBytes: quotaBytes, expireAfterMs: 0, intervalMs: 100 },
          alerts: { intervalMs: 50 },
        },
        alerts: { quota: { type: 'disk_quota', settings: { destinations: ['hook', 'live'] } } },
      }
      await server.api.putWorkspace({ document, by: 'test' })
      const { api } = server
      const statusOf = async (id: string) =>
        (await server.api.destinations()).destinations.find(({ destination }) => destination === id)
      const expiredOfHook = async (): Promise<number> => (await statusOf('hook'))?.expired?.messages ?? 0
      const received = async ({ record }: typeof hook): Promise<number> => (await record.update()).keys.size
      const warned = (text: RegExp) => server.logs.find(({ level, message }) => level === 'warn' && text.test(message))

      load.start()
      await eventually('something arrives', async () => (await received(hook)) > 0 || undefined)
      await api.pause('hook', { reason: 'maintenance' })
      const atPause = await received(hook)

      await eventually('the alert fires for the paused one', async () => {
        const { alerts } = await api.alerts()
        const states = new Map(alerts[0]?.subjects.map(({ subject, state }) => [subject, state]))
        if (states.get('hook') !== 'firing') return undefined
        assert.equal(states.get('live'), 'ok')
        return true
      })
      await eventually('a warning before anything expires', () => warned(/% of the disk quota .*"hook" \d/))
      await eventually('something expires', async () => (await statusOf('hook'))?.expired)
      const [arrived, gone] = [await received(live), await expiredOfHook()]
      await eventually('the live one goes on', async () => (await received(live)) > arrived + 200 || undefined)
      await eventually('more expires', async () => (await expiredOfHook()) > gone || undefined)
      await assertBalanced(server)

      await eventually('the log keeps to the quota', async () => {
        const response = await fetch(`${server.url}/api/status`, {
          headers: { authorization: `Bearer ${server.token}` },
        })
        const { log } = (await response.json()) as { log: { head: number; tail: number } }
        return (log.tail > 0 && log.head - log.tail < 1.5 * quotaBytes) || undefined
      })

      const inAll = await expiredOfHook()
      // Dying at any moment of it loses nothing of the account.
      await server.crash()
      await server.restart()
      assert.equal((await eventually('it is known again', () => statusOf('hook'))).state, 'paused')
      await eventually('it goes on to expire', async () => (await expiredOfHook()) > inAll || undefined)
      assert.equal(await received(hook), atPause, 'a paused destination gets nothing')
      await assertBalanced(server)

      await server.api.resume('hook')
      await load.settle()
      await drained(server)
      const { ledger } = await assertBalanced(server)
      const account = accountOf(ledger, 'hook')
      const expired = account.dead['expired'] ?? 0
      assert.deepEqual(account.dead, { expired })
      assert.equal(account.resolved, account.delivered + expired)
      assert.equal(await expiredOfHook(), expired)
      const arrivedInAll = await received(hook)
      assert.ok(arrivedInAll > atPause, 'what was left is delivered')
      assert.ok(arrivedInAll >= account.delivered && arrivedInAll <= account.resolved)
      for (const id of ['live', 'warehouse']) {
        const { dead, delivered, resolved } = accountOf(ledger, id)
        assert.deepEqual([dead, delivered], [{}, resolved], `${id} loses nothing`)
      }
      const { keys } = await live.record.update()
      assert.deepEqual([...load.acknowledged].filter((id) => !keys.has(id)).slice(0, 10), [])
      assert.equal(load.statuses.get(503), undefined, 'nothing was refused')
    },
  ),
)
