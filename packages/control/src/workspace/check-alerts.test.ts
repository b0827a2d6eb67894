import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MemoryStateStore } from '@millrace/testkit'
import { testRegistry } from '../testing/test-registry.ts'
import { WorkspaceVersions } from '../versions/workspace-versions.ts'
import { checkWorkspace } from './check-workspace.ts'
import type { WorkspaceDocument } from './document.ts'

const document = {
  sources: { web: { type: 'http', writeKeys: ['wk'] } },
  destinations: {
    hook: { type: 'hook', settings: { url: 'https://example.com' } },
    store: { type: 'lake' },
  },
  notifiers: { ops: { type: 'pager', settings: { number: '1', pin: { $env: 'PIN' } } } },
} satisfies WorkspaceDocument

const check = (alerts: object) => checkWorkspace({ ...document, alerts }, testRegistry, { env: { PIN: 'secret-pin' } })

describe('alerts of a workspace', () => {
  it('watch everything of their kind unless they name what to watch, and know their notifiers', () => {
    const { workspace, problems } = check({
      failing: { type: 'failure_share', settings: { percent: 5, destinations: ['hook'] }, notify: ['ops', 'ops'] },
      late: { type: 'oldest_pending', settings: { ageMs: 5 }, forMs: 7, reminderMs: 9000 },
      silent: { type: 'source_silence', name: 'Web is silent', settings: { silentMs: 5 }, enabled: false },
    })
    assert.equal(problems, undefined)
    const { failing, late, silent } = workspace.alerts
    assert.deepEqual([failing?.subjects, late?.subjects, silent?.subjects], [['hook'], ['hook', 'store'], ['web']])
    assert.deepEqual(failing?.settings, { percent: 5, windowMs: 300_000, minAttempts: 10, destinations: ['hook'] })
    assert.deepEqual([failing?.notify, late?.notify], [['ops'], []])
    assert.deepEqual([late?.forMs, late?.reminderMs, failing?.forMs], [7, 9000, 0])
    assert.deepEqual([silent?.name, silent?.enabled], ['Web is silent', false])
    assert.deepEqual(workspace.notifiers.ops?.settings, { number: '1', pin: 'secret-pin' })
  })

  it('are refused with the place of each mistake', () => {
    const { problems = [] } = check({
      a: { type: 'failure_share', settings: { percent: 500 }, notify: ['nobody'] },
      b: { type: 'oldest_pending' },
      c: { type: 'source_silence', settings: { silentMs: 1, sources: ['app'], destinations: ['hook'] } },
      d: { type: 'weather' },
      'E!': { type: 'dead_count' },
    })
    assert.deepEqual(problems.map(({ path }) => path).sort(), [
      'alerts.E!',
      'alerts.a.notify[0]',
      'alerts.a.settings.percent',
      'alerts.b.settings.ageMs',
      'alerts.c.settings.destinations',
      'alerts.c.settings.sources[0]',
      'alerts.d.type',
    ])
  })
})

describe('secrets of notifiers', () => {
  it('are stored encrypted, shown masked, and kept when the mask comes back', async () => {
    const state = new MemoryStateStore()
    const versions = await WorkspaceVersions.open({
      state,
      registry: testRegistry,
      env: {},
      secretKey: Buffer.alloc(32, 1),
      head: async () => ({ block: 0, index: 0 }),
      cursorAt: async () => ({ block: 0, index: 0 }),
      backlog: async () => 0,
      now: () => 0,
    })
    const ops = { type: 'pager', settings: { number: '1', pin: 'plain-pin' } }
    await versions.apply({ ...document, notifiers: { ops } }, { by: 'ann' })
    const shown = await versions.document(1)
    assert.ok(!JSON.stringify(shown).includes('plain-pin'))
    for (const { value } of await state.scan('workspace_versions')) {
      assert.ok(!Buffer.from(value).toString().includes('plain-pin'))
    }
    await versions.apply({ ...shown, settings: { metrics: { public: true } } }, { by: 'ann' })
    assert.equal(versions.active?.workspace.notifiers.ops?.settings.pin, 'plain-pin')
  })
})
