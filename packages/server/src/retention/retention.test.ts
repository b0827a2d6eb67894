import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Workspace } from '@millrace/control'
import type { Backlog } from './backlog.ts'
import { Retention } from './retention.ts'

const since = new Date(0).toISOString()

/** Looks at a log of which `hook` needs a part; `calls` is what the processes were told, in order. */
const scene = (options: {
  quotaBytes: number
  hookAt: number
  atQuota?: 'keep'
  held?: boolean
  deliver?: boolean
}) => {
  const { quotaBytes, atQuota = 'expire', held = true, deliver = true } = options
  const cursors = { hook: options.hookAt }
  const calls: [method: string, parameters: unknown][] = []
  const warnings: string[] = []
  const failing = new Set<string>()
  const call = async (method: string, parameters: unknown): Promise<unknown> => {
    calls.push([method, parameters])
    if (failing.has(method)) throw new Error(`${method} failed`)
    const { before = 0 } = (parameters ?? {}) as { before?: number }
    switch (method) {
      case 'deliver.statuses':
        return [{ status: { destination: 'hook', ...(held && { hold: { since } }) } }]
      case 'deliver.expire':
        cursors.hook = before
        return 7
      case 'writer.truncationPoint':
        return Math.floor((parameters as number) / 100) * 100
      default:
        return undefined
    }
  }
  const retention = new Retention({
    writer: { call },
    deliver: deliver ? { call } : undefined,
    backlog: async (): Promise<Backlog> => ({
      head: 1000,
      tail: 0,
      resolved: 1000,
      quotaBytes,
      needs: new Map([['hook', cursors.hook]]),
      replays: new Map(),
      keepFrom: cursors.hook,
    }),
    alone: async (task) => {
      calls.push(['alone', undefined])
      return task()
    },
    workspace: () =>
      ({
        destinations: { hook: { kind: 'destination' } },
        settings: { retention: { atQuota, expireAfterMs: 0, intervalMs: 10, maxAgeMs: 1 } },
      }) as unknown as Workspace,
    logger: { warn: (message: string) => void warnings.push(message) } as never,
  })
  return { retention, calls, warnings, failing, cursors }
}

test('below the quota nothing expires, and what was read may be removed once it is durable that it was', async () => {
  const { retention, calls, warnings } = scene({ quotaBytes: 2000, hookAt: 300 })
  await retention.run()
  assert.deepEqual(calls, [
    ['deliver.statuses', undefined],
    ['deliver.sync', undefined],
    ['alone', undefined],
    ['writer.retain', { keepFrom: 300, quotaBytes: 2000 }],
  ])
  assert.deepEqual(warnings, [])
})

test('near the quota it warns once, and again only after there was room', async () => {
  const { retention, warnings, cursors } = scene({ quotaBytes: 800, hookAt: 300 })
  await retention.run()
  await retention.run()
  assert.equal(warnings.length, 1)
  assert.match(warnings[0] ?? '', /87\.5 % of the disk quota of 800 bytes \("hook" 87\.5 %\).* stopped expire/)
  cursors.hook = 1000
  await retention.run()
  cursors.hook = 300
  await retention.run()
  assert.equal(warnings.length, 2)
})

test('at the quota whole segments expire, then are removed', async () => {
  const { retention, calls, warnings } = scene({ quotaBytes: 800, hookAt: 50 })
  await retention.run()
  assert.deepEqual(
    calls.filter(([method]) => method !== 'deliver.statuses'),
    [
      ['writer.truncationPoint', 300],
      ['deliver.expire', { id: 'hook', before: 300 }],
      ['deliver.sync', undefined],
      ['alone', undefined],
      ['writer.retain', { keepFrom: 300, quotaBytes: 800 }],
    ],
  )
  assert.match(warnings.at(-1) ?? '', /7 messages that destination "hook" had not read are dead\(expired\)/)
})

test('where nothing may expire it says whose messages are kept, and removes nothing of them', async () => {
  for (const options of [{ atQuota: 'keep' }, { held: false }, { deliver: false }] as const) {
    const { retention, calls, warnings } = scene({ quotaBytes: 800, hookAt: 50, ...options })
    await retention.run()
    assert.ok(!calls.some(([method]) => method === 'deliver.expire'), JSON.stringify(options))
    assert.deepEqual(calls.at(-1), ['writer.retain', { keepFrom: 50, quotaBytes: 800 }])
    assert.match(warnings.join(), /nothing of "hook" may expire.* refused with 503/)
  }
})

test('nothing is removed while it is not known to be durable that it was read', async () => {
  const { retention, calls, failing } = scene({ quotaBytes: 2000, hookAt: 300 })
  failing.add('deliver.sync')
  failing.add('deliver.statuses')
  await retention.run()
  assert.ok(!calls.some(([method]) => method === 'writer.retain'))
})

test('a look that fails is said, and is not the last', async () => {
  const { retention, calls, warnings, failing } = scene({ quotaBytes: 2000, hookAt: 300 })
  failing.add('writer.retain')
  retention.start()
  for (let round = 0; round < 2000 && calls.length < 12; round++) await new Promise((resolve) => setTimeout(resolve, 1))
  await retention.stop()
  assert.ok(calls.length >= 12)
  assert.match(warnings[0] ?? '', /old messages could not be removed: .*writer\.retain failed/)
})
