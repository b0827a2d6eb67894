import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { MillraceError } from '@millrace/protocol'
import type { StateStore } from '@millrace/storage'
import { SqliteStateStore } from '@millrace/storage/engines'
import { MemoryStateStore, removeFolder, temporaryFolder } from '@millrace/testkit'
import { testRegistry } from '../testing/test-registry.ts'
import type { WorkspaceDocument } from '../workspace/document.ts'
import { WorkspaceVersions } from './workspace-versions.ts'
import type { WorkspaceVersionsOptions } from './workspace-versions.ts'

const secretKey = Buffer.alloc(32, 7)
const by = 'ann'
const web = { type: 'http', writeKeys: ['wk_web'] } as const
const hook = { type: 'hook', settings: { url: 'https://example.com' } } as const
const first: WorkspaceDocument = { sources: { web }, destinations: { hook } }

const open = (state: StateStore, options: Partial<WorkspaceVersionsOptions> = {}) =>
  WorkspaceVersions.open({
    state,
    registry: testRegistry,
    env: { TOKEN: 'from-env' },
    secretKey,
    head: async () => ({ block: 500, index: 3 }),
    cursorAt: async (timeMs) => ({ block: timeMs, index: 0 }),
    backlog: async () => 0,
    now: () => Date.UTC(2026, 0, 2),
    ...options,
  })

const refusal = (code: string, message: RegExp, path?: string) => (error: unknown) => {
  assert.ok(error instanceof MillraceError, String(error))
  assert.equal(error.code, code)
  assert.match(error.message, message)
  if (path !== undefined)
    assert.ok(
      error.errors.some((one) => one.path === path),
      JSON.stringify(error.errors),
    )
  return true
}

describe('applying a workspace', () => {
  it('stores numbered versions with who, when and what changed, which a reopened store still has', async () => {
    const state = new MemoryStateStore()
    const versions = await open(state)
    assert.equal(versions.active, undefined)
    await versions.apply(first, { by })
    await versions.apply({ ...first, network: { allow: ['10.0.0.0/8'] } }, { by: 'bob' })

    const reopened = await open(state)
    assert.equal(reopened.active?.version, 2)
    assert.deepEqual(reopened.active, versions.active)
    const [newest, oldest] = await reopened.list()
    assert.deepEqual(newest, {
      version: 2,
      at: '2026-01-02T00:00:00.000Z',
      by: 'bob',
      changes: [{ path: 'network', to: { allow: ['10.0.0.0/8'] } }],
    })
    assert.deepEqual(oldest?.changes, [
      { path: 'sources', to: first.sources },
      { path: 'destinations', to: first.destinations },
    ])
    assert.deepEqual(await reopened.list({ limit: 5, before: 2 }), [oldest])
    assert.deepEqual(await reopened.document(1), first)
    await assert.rejects(reopened.document(3), refusal('not_found', /no version 3/))
  })

  it('makes no version of the document in force, however its keys are ordered', async () => {
    const versions = await open(new MemoryStateStore())
    await versions.apply(first, { by })
    const again = await versions.apply({ destinations: first.destinations, sources: first.sources }, { by })
    assert.equal(again.plan, undefined)
    assert.equal(again.active.version, 1)
  })

  it('refuses a bad document whole, and the version in force stays', async () => {
    const versions = await open(new MemoryStateStore())
    await versions.apply(first, { by })
    const before = versions.active
    const bad = { sources: { web: { ...web, writeKeys: [] } }, destinations: { hook: { ...hook, type: 'hok' } } }
    await assert.rejects(versions.apply(bad, { by }), refusal('invalid_workspace', /stays/, 'destinations.hook.type'))
    assert.equal(versions.active, before)
    assert.equal((await versions.list()).length, 1)
  })

  it('starts a new destination at the head or at its startAt, and keeps the start of the others', async () => {
    const versions = await open(new MemoryStateStore())
    await versions.apply(first, { by })
    const late = { ...hook, startAt: '1970-01-01T00:00:09Z' }
    const { plan, active } = await versions.apply({ ...first, destinations: { hook, late } }, { by })
    assert.deepEqual(plan?.added, [{ id: 'late', start: { block: 9000, index: 0 } }])
    assert.deepEqual(plan.changed, [])
    assert.deepEqual(active.destinations, {
      hook: { start: { block: 500, index: 3 }, since: 1 },
      late: { start: { block: 9000, index: 0 }, since: 2 },
    })
  })

  it('follows a rename by the former id, once', async () => {
    const versions = await open(new MemoryStateStore())
    await versions.apply(first, { by })
    const renamed = { ...first, destinations: { post: { ...hook, name: 'hook', formerId: 'hook' } } }
    const { plan, active } = await versions.apply(renamed, { by })
    assert.deepEqual([plan?.renamed, plan?.added, plan?.removed], [[{ from: 'hook', to: 'post' }], [], []])
    assert.deepEqual(plan?.changed, [])
    assert.equal(active.destinations.post?.since, 1)
    const later = await versions.apply({ ...renamed, network: { allow: [] } }, { by })
    assert.deepEqual([later.plan?.renamed, later.plan?.removed], [[], []])
  })

  it('reports which destinations changed, a new source of theirs included', async () => {
    const versions = await open(new MemoryStateStore())
    await versions.apply({ ...first, destinations: { hook, own: { ...hook, sources: ['web'] } } }, { by })
    const sources = { web, app: { type: 'http', writeKeys: ['wk_app'] } } as const
    const { plan } = await versions.apply(
      { sources, destinations: { hook, own: { ...hook, sources: ['web'] } } },
      { by },
    )
    assert.deepEqual(plan?.changed, ['hook'])
  })

  it('removes a destination with a backlog only when its id is confirmed', async () => {
    const versions = await open(new MemoryStateStore(), { backlog: async (id) => (id === 'hook' ? 12 : 0) })
    await versions.apply({ ...first, destinations: { hook, idle: hook } }, { by })
    const without = { sources: { web } }
    await assert.rejects(
      versions.apply(without, { by, confirm: ['idle'] }),
      refusal('conflict', /"hook" \(12 messages wait\).*"confirm"/, 'destinations.hook'),
    )
    assert.equal(versions.active?.version, 1)
    const { plan } = await versions.apply(without, { by, confirm: ['hook'] })
    assert.deepEqual(plan?.removed, [
      { id: 'hook', backlog: 12 },
      { id: 'idle', backlog: 0 },
    ])
  })

  it('gives a destination that comes back a new start', async () => {
    const versions = await open(new MemoryStateStore())
    await versions.apply(first, { by })
    await versions.apply({ sources: { web } }, { by })
    const { active, plan } = await versions.apply(first, { by })
    assert.equal(plan?.added.length, 1)
    assert.equal(active.destinations.hook?.since, 3)
  })

  it('refuses to overwrite a change that the caller has not seen', async () => {
    const versions = await open(new MemoryStateStore())
    await versions.apply(first, { by, ifVersion: 0 })
    await assert.rejects(versions.apply({}, { by, ifVersion: 0 }), refusal('conflict', /Version 1 is in force, not 0/))
  })

  it('serves calls one after the other and tells of each version in order', async () => {
    const versions = await open(new MemoryStateStore())
    const told: number[] = []
    const stop = versions.onApplied((active, plan) => told.push(active.version, plan.version))
    const ranges = ['10.0.0.0/8', '11.0.0.0/8', '12.0.0.0/8']
    await Promise.all(ranges.map((range) => versions.apply({ ...first, network: { allow: [range] } }, { by })))
    stop()
    await versions.apply(first, { by })
    assert.deepEqual(told, [1, 1, 2, 2, 3, 3])
  })

  it('restores an earlier version as a new one', async () => {
    const versions = await open(new MemoryStateStore())
    await versions.apply(first, { by })
    await versions.apply({ sources: { web } }, { by })
    const { active } = await versions.restore(1, { by: 'bob' })
    assert.equal(active.version, 3)
    assert.deepEqual(active.document, first)
    await assert.rejects(versions.restore(9, { by }), refusal('not_found', /no version 9/))
  })

  it('previews a document without applying it', async () => {
    const versions = await open(new MemoryStateStore(), { backlog: async () => 4 })
    await versions.apply(first, { by })
    const { plan, changes } = await versions.preview({ sources: { web } })
    assert.deepEqual(plan.removed, [{ id: 'hook', backlog: 4 }])
    assert.deepEqual(changes, [{ path: 'destinations', from: first.destinations }])
    assert.equal(versions.active?.version, 1)
  })
})

describe('a crash while a workspace is applied', () => {
  const later = { ...first, destinations: { hook, late: hook } }

  it('before the commit leaves the old version and nothing of the new one', async () => {
    const state = new MemoryStateStore()
    const prepare: WorkspaceVersionsOptions['prepare'] = async (plan) => (tx) => {
      for (const { id, start } of plan.added) tx.setCursor(`delivery/${id}`, start)
    }
    const versions = await open(state, { prepare })
    await versions.apply(first, { by })
    state.failNextTransaction(new Error('killed'))
    await assert.rejects(versions.apply(later, { by }), /killed/)
    assert.equal(versions.active?.version, 1)
    const reopened = await open(state, { prepare })
    assert.equal(reopened.active?.version, 1)
    assert.deepEqual(await state.cursor('delivery/hook'), { block: 500, index: 3 })
    assert.equal(await state.cursor('delivery/late'), undefined)
    const { active } = await reopened.apply(later, { by })
    assert.equal(active.version, 2)
    assert.deepEqual(await state.cursor('delivery/late'), { block: 500, index: 3 })
  })

  it('or a service that refuses the plan leaves the old version', async () => {
    let refuse = false
    const versions = await open(new MemoryStateStore(), {
      prepare: async () => {
        if (refuse) throw new Error('not now')
        return () => undefined
      },
    })
    await versions.apply(first, { by })
    refuse = true
    await assert.rejects(versions.apply(later, { by }), /not now/)
    assert.equal(versions.active?.version, 1)
    refuse = false
    assert.equal((await versions.apply(later, { by })).active.version, 2)
  })

  it('after the commit finds the new version in the file of the embedded engine', async () => {
    const folder = await temporaryFolder()
    try {
      const path = join(folder, 'state.db')
      {
        await using state = SqliteStateStore.open({ path })
        await (await open(state)).apply(first, { by })
      }
      await using state = SqliteStateStore.open({ path })
      assert.deepEqual((await open(state)).active?.document, first)
    } finally {
      await removeFolder(folder)
    }
  })
})

describe('secrets of the workspace', () => {
  const secret = 'sesame-4711'
  const withSecret = (settings: object) => ({
    sources: { web },
    destinations: { hook: { type: 'hook', settings: { url: 'https://example.com', ...settings } } },
  })
  const dump = async (state: StateStore) =>
    (await state.scan('workspace_versions')).map(({ value }) => Buffer.from(value).toString()).join('\n')

  it('are encrypted where they are stored, and masked where they are shown', async () => {
    const state = new MemoryStateStore()
    const versions = await open(state)
    const { active } = await versions.apply(withSecret({ token: secret, keys: [secret] }), { by })
    assert.equal(active.workspace.destinations.hook?.settings.token, secret)
    assert.ok(!(await dump(state)).includes(secret))
    const shown = JSON.stringify([active.document, await versions.list(), await versions.document(1)])
    assert.ok(!shown.includes(secret) && !shown.includes('$sealed'))
    assert.deepEqual(active.document, withSecret({ token: '••••', keys: ['••••'] }))
    const reopened = await open(state)
    assert.deepEqual(reopened.active?.workspace.destinations.hook?.settings.keys, [secret])
  })

  it('from the environment stay references', async () => {
    const state = new MemoryStateStore()
    const document = withSecret({ token: { $env: 'TOKEN' } })
    const { active } = await (await open(state)).apply(document, { by })
    assert.equal(active.workspace.destinations.hook?.settings.token, 'from-env')
    assert.deepEqual(active.document, document)
    assert.ok(!(await dump(state)).includes('from-env'))
    await assert.rejects(open(state, { env: {} }), refusal('invalid_workspace', /TOKEN is not set/))
  })

  it('that come back masked are kept, through a rename too', async () => {
    const versions = await open(new MemoryStateStore())
    await versions.apply(withSecret({ token: secret, keys: ['a', 'b'] }), { by })
    const { hook: shown } = (versions.active?.document.destinations ?? {}) as { hook: object }
    assert.equal((await versions.apply(versions.active?.document, { by })).plan, undefined)
    const { active } = await versions.apply(
      { sources: { web }, destinations: { post: { ...shown, formerId: 'hook' } } },
      { by },
    )
    assert.equal(active.workspace.destinations.post?.settings.token, secret)
    assert.deepEqual(active.workspace.destinations.post.settings.keys, ['a', 'b'])
    await assert.rejects(
      versions.apply({ sources: { web }, destinations: { other: shown } }, { by }),
      refusal('invalid_workspace', /masked/, 'destinations.other.settings.token'),
    )
  })

  it('show in the history that they changed, not what they are', async () => {
    const versions = await open(new MemoryStateStore())
    await versions.apply(withSecret({ token: secret }), { by })
    await versions.apply(withSecret({ token: 'another-0815' }), { by })
    const [newest] = await versions.list()
    assert.deepEqual(newest?.changes, [{ path: 'destinations.hook.settings.token', from: '••••', to: '••••' }])
  })

  it('cannot be read with another key', async () => {
    const state = new MemoryStateStore()
    await (await open(state)).apply(withSecret({ token: secret }), { by })
    await assert.rejects(open(state, { secretKey: Buffer.alloc(32, 8) }), refusal('unavailable', /cannot be decrypted/))
    await assert.rejects(open(state, { secretKey: Buffer.alloc(16) }), /32 bytes, not 16/)
  })
})

describe('with a configuration file', () => {
  it('the file is the truth: other documents are refused with the difference, the file itself is applied', async () => {
    let file: unknown = first
    const versions = await open(new MemoryStateStore(), { readFile: async () => file })
    assert.equal(versions.mode, 'file')
    assert.equal((await versions.reload({ by: 'file' })).active.version, 1)
    const other = { ...first, network: { allow: ['10.0.0.0/8'] } }
    await assert.rejects(versions.apply(other, { by }), refusal('conflict', /Change the file, then reload/, 'network'))
    assert.equal(versions.active?.version, 1)
    file = other
    assert.equal((await versions.apply(other, { by })).active.version, 2)
    await assert.rejects(versions.restore(1, { by }), refusal('conflict', /Change the file/))
    file = { sources: 5 }
    await assert.rejects(versions.reload({ by }), refusal('invalid_workspace', /stays/, 'sources'))
    assert.equal(versions.active?.version, 2)
  })

  it('a stored version that can no longer be loaded is replaced by the file, and nobody loses its cursor', async () => {
    const state = new MemoryStateStore()
    const settings = { url: { $env: 'HOOK_URL' } }
    const env = { HOOK_URL: 'https://example.com' }
    await (
      await open(state, { env })
    ).apply({ sources: { web }, destinations: { hook: { ...hook, settings } } }, { by })
    const head = async () => ({ block: 900, index: 0 })
    const versions = await open(state, { env: {}, head, readFile: async () => first })
    assert.equal(versions.active, undefined)
    const { active, plan } = await versions.reload({ by: 'file' })
    assert.equal(active.version, 2)
    assert.deepEqual([plan?.added, plan?.changed, plan?.removed], [[], ['hook'], []])
    assert.deepEqual(active.destinations.hook, { start: { block: 500, index: 3 }, since: 1 })
  })

  it('without one there is nothing to reload', async () => {
    const versions = await open(new MemoryStateStore())
    await assert.rejects(versions.reload({ by }), refusal('conflict', /--config/))
  })
})
