import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StateStore } from '@millrace/storage'
import { MemoryStateStore, VirtualClock } from '@millrace/testkit'
import { testRegistry } from '../testing/test-registry.ts'
import { checkWorkspace } from '../workspace/check-workspace.ts'
import type { WorkspaceDocument } from '../workspace/document.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { AlertFacts, DestinationFacts } from './alert-facts.ts'
import { AlertService } from './alert-service.ts'
import type { Notification } from './notification.ts'

const late = { type: 'oldest_pending', settings: { ageMs: 60_000 }, notify: ['ops'] } as const
const intervalMs = 10_000
const minute = 60_000
const hour = 60 * minute

function workspaceOf(alerts: WorkspaceDocument['alerts'], more: Partial<WorkspaceDocument> = {}): Workspace {
  const { workspace, problems } = checkWorkspace(
    {
      sources: { web: { type: 'http', writeKeys: ['wk'] } },
      destinations: {
        hook: { type: 'hook', settings: { url: 'https://example.com' } },
        store: { type: 'lake' },
      },
      notifiers: {
        ops: { type: 'pager', settings: { number: '1' } },
        mail: { type: 'pager', settings: { number: '2' } },
      },
      settings: { alerts: { intervalMs } },
      alerts,
      ...more,
    },
    testRegistry,
    { env: {} },
  )
  assert.deepEqual(problems, undefined)
  return workspace
}

/** The service under a virtual clock, with facts that the test sets and notifiers that it makes fail. */
function scene() {
  const clock = new VirtualClock()
  const state: StateStore = new MemoryStateStore()
  const sent: { notifier: string; kind: string; subject: string; id: string; message: string }[] = []
  const failing = new Set<string>()
  const destinations = new Map<string, DestinationFacts>()
  const accepted = new Map<string, number>()
  const warnings: string[] = []
  let looks = 0
  let beforeFacts: () => Promise<void> = async () => {}
  const start = () =>
    new AlertService({
      state,
      clock: {
        now: clock.now,
        after: (ms, run) => {
          const id = clock.setTimeout(run, ms)
          return () => clock.clearTimeout(id)
        },
      },
      facts: async (): Promise<AlertFacts> => {
        looks++
        await beforeFacts()
        const sources = new Map([...accepted].map(([id, count]) => [id, { accepted: count }]))
        return { sources, destinations: new Map(destinations) }
      },
      send: async ({ id: notifier }, { id, type, data: { subject, message } }: Notification) => {
        if (failing.has(notifier)) throw new Error('the pager is broken')
        sent.push({ notifier, kind: type.replace('alert.', ''), subject: subject.id, id, message })
      },
      warn: (message) => void warnings.push(message),
    })
  return {
    clock,
    state,
    sent,
    failing,
    destinations,
    accepted,
    warnings,
    start,
    looks: () => looks,
    onFacts: (before: () => Promise<void>) => void (beforeFacts = before),
    pass: (ms: number) => clock.run(() => false, ms),
    told: () => sent.map(({ notifier, kind, subject }) => `${notifier} ${kind} ${subject}`),
  }
}

describe('an alert', () => {
  it('tells once that it begins and once that it ends, however long it lasts', async () => {
    const { clock, destinations, start, pass, told, sent } = scene()
    const service = start()
    destinations.set('hook', { oldestPendingMs: clock.now() }).set('store', { oldestPendingMs: null })
    await service.apply(workspaceOf({ late }))
    await pass(50_000)
    assert.deepEqual(told(), [])
    await pass(3 * hour)
    assert.deepEqual(told(), ['ops firing hook'])
    assert.equal(sent[0]?.message, 'late: destination hook: the oldest message has waited for 1 min.')
    destinations.set('hook', { oldestPendingMs: null })
    await pass(hour)
    assert.deepEqual(told(), ['ops firing hook', 'ops resolved hook'])
    assert.match(sent[1]?.message ?? '', /^late: destination hook is well again after 3 h/)
    const { alerts } = await service.statuses()
    assert.deepEqual(
      alerts[0]?.subjects.map(({ subject, state, value }) => ({ subject, state, value })),
      [
        { subject: 'hook', state: 'resolved', value: 0 },
        { subject: 'store', state: 'ok', value: 0 },
      ],
    )
    await service.stop()
  })

  it('stays silent over restarts while it lasts, and tells the end after one', async () => {
    const { clock, destinations, start, pass, told } = scene()
    destinations.set('hook', { oldestPendingMs: clock.now() })
    const workspace = workspaceOf({ late })
    for (let restart = 0; restart < 3; restart++) {
      const service = start()
      await service.apply(workspace)
      await pass(10 * minute)
      await service.stop()
    }
    assert.deepEqual(told(), ['ops firing hook'])
    destinations.set('hook', { oldestPendingMs: null })
    const service = start()
    await service.apply(workspace)
    await pass(minute)
    assert.deepEqual(told(), ['ops firing hook', 'ops resolved hook'])
    await service.stop()
  })

  it('fires only when it held for as long as it says, without a break', async () => {
    const { clock, destinations, start, pass, told } = scene()
    const service = start()
    destinations.set('hook', { oldestPendingMs: clock.now() - hour })
    await service.apply(workspaceOf({ late: { ...late, forMs: 5 * minute } }))
    await pass(4 * minute)
    destinations.set('hook', { oldestPendingMs: null })
    await pass(minute)
    destinations.set('hook', { oldestPendingMs: clock.now() - hour })
    await pass(4 * minute)
    assert.deepEqual(told(), [])
    await pass(2 * minute)
    assert.deepEqual(told(), ['ops firing hook'])
    await service.stop()
  })

  it('reminds only when it is asked to', async () => {
    const { clock, destinations, start, pass, told } = scene()
    const service = start()
    destinations.set('hook', { oldestPendingMs: clock.now() - hour })
    await service.apply(workspaceOf({ late: { ...late, reminderMs: hour } }))
    await pass(2.5 * hour)
    assert.deepEqual(told(), ['ops firing hook', 'ops reminder hook', 'ops reminder hook'])
    await service.stop()
  })

  it('has a state of its own for each destination', async () => {
    const { clock, destinations, start, pass, told } = scene()
    const service = start()
    destinations.set('hook', { oldestPendingMs: clock.now() - hour }).set('store', { oldestPendingMs: clock.now() })
    await service.apply(workspaceOf({ late }))
    await pass(2 * minute)
    assert.deepEqual(told(), ['ops firing hook', 'ops firing store'])
    await service.stop()
  })

  it('changes nothing while nothing is known', async () => {
    const { clock, destinations, start, pass, told, warnings, onFacts } = scene()
    const service = start()
    destinations.set('hook', { oldestPendingMs: clock.now() - hour })
    await service.apply(workspaceOf({ late }))
    await pass(minute)
    destinations.clear()
    await pass(minute)
    onFacts(() => Promise.reject(new Error('the disk is gone')))
    await pass(minute)
    assert.deepEqual(told(), ['ops firing hook'])
    assert.match(warnings.join(), /could not be evaluated: the disk is gone/)
    await service.stop()
  })

  it('that is removed or no longer watches what it fired for tells those who were told', async () => {
    for (const next of [
      workspaceOf({}),
      workspaceOf({ late: { ...late, enabled: false } }),
      workspaceOf({ late: { ...late, settings: { ageMs: 60_000, destinations: ['store'] } } }),
      workspaceOf({ late: { type: 'dead_count' } }),
    ]) {
      const { clock, destinations, start, pass, told } = scene()
      const service = start()
      destinations.set('hook', { oldestPendingMs: clock.now() - hour })
      await service.apply(workspaceOf({ late }))
      await pass(minute)
      await service.apply(next)
      await pass(minute)
      assert.deepEqual(told(), ['ops firing hook', 'ops resolved hook'])
      await service.stop()
    }
  })
})

describe('a source', () => {
  it('that falls silent is told of once, and again when it was heard in between', async () => {
    const { accepted, start, pass, told } = scene()
    const service = start()
    accepted.set('web', 5)
    await service.apply(
      workspaceOf({ quiet: { type: 'source_silence', settings: { silentMs: hour }, notify: ['ops'] } }),
    )
    await pass(3 * hour)
    accepted.set('web', 6)
    await pass(3 * hour)
    assert.deepEqual(told(), ['ops firing web', 'ops resolved web', 'ops firing web'])
    await service.stop()
  })
})

describe('dead messages', () => {
  it('are counted over the window, over a restart as well', async () => {
    const { destinations, start, pass, told } = scene()
    const workspace = workspaceOf({ dead: { type: 'dead_count', settings: { messages: 10 }, notify: ['ops'] } })
    let service = start()
    destinations.set('hook', { dead: 1000 })
    await service.apply(workspace)
    await pass(minute)
    destinations.set('hook', { dead: 1006 })
    await pass(10 * minute)
    await service.stop()
    service = start()
    await service.apply(workspace)
    destinations.set('hook', { dead: 1012 })
    await pass(10 * minute)
    assert.deepEqual(told(), ['ops firing hook'])
    await pass(hour)
    assert.deepEqual(told(), ['ops firing hook', 'ops resolved hook'])
    await service.stop()
  })
})

describe('evaluations', () => {
  it('never overlap, and go on after one that failed', async () => {
    const { destinations, start, pass, onFacts, clock, looks } = scene()
    const service = start()
    let running = 0
    onFacts(async () => {
      assert.equal(++running, 1)
      await clock.sleep(5 * intervalMs)
      running--
      if (looks() === 3) throw new Error('once')
    })
    destinations.set('hook', { oldestPendingMs: null })
    const applied = service.apply(workspaceOf({ late }))
    await pass(10 * minute)
    await applied
    assert.equal(looks(), 11)
    const stopped = service.stop()
    await pass(10 * minute)
    await stopped
  })
})

describe('a notifier that fails', () => {
  it('is tried again after growing pauses, is shown, and holds up no other', async () => {
    const { clock, destinations, failing, start, pass, told, sent } = scene()
    const service = start()
    failing.add('ops')
    destinations.set('hook', { oldestPendingMs: clock.now() - hour })
    await service.apply(workspaceOf({ late: { ...late, notify: ['ops', 'mail'] } }))
    await pass(hour)
    assert.deepEqual(told(), ['mail firing hook'])
    const [ops] = (await service.statuses()).notifiers
    assert.equal(ops?.waiting, 1)
    assert.equal(ops?.lastError?.message, 'the pager is broken')
    const attempts = ops?.lastError?.attempts ?? 0
    assert.ok(attempts > 8 && attempts < 20, `${attempts} attempts in an hour`)

    failing.clear()
    await pass(11 * minute)
    assert.deepEqual(told(), ['mail firing hook', 'ops firing hook'])
    assert.equal(sent[0]?.id, sent[1]?.id)
    const [well] = (await service.statuses()).notifiers
    assert.deepEqual([well?.waiting, well?.lastError], [0, undefined])
    await service.stop()
  })

  it('gets what it missed in order after a restart, and nothing after a day', async () => {
    const { clock, destinations, failing, start, pass, told, warnings } = scene()
    const workspace = workspaceOf({ late })
    let service = start()
    failing.add('ops')
    destinations.set('hook', { oldestPendingMs: clock.now() - hour })
    await service.apply(workspace)
    await pass(minute)
    destinations.set('hook', { oldestPendingMs: null })
    await pass(minute)
    await service.stop()
    failing.clear()
    service = start()
    await service.apply(workspace)
    await pass(minute)
    assert.deepEqual(told(), ['ops firing hook', 'ops resolved hook'])

    failing.add('ops')
    destinations.set('hook', { oldestPendingMs: clock.now() - hour })
    await pass(25 * hour)
    const [ops] = (await service.statuses()).notifiers
    assert.equal(ops?.waiting, 0)
    assert.deepEqual([ops?.lastError?.message, ops?.lastError?.nextAttemptAt], ['the pager is broken', undefined])
    assert.match(warnings.join(), /is given up after \d+ attempts/)
    await service.stop()
  })

  it('is tried at once when its settings are changed', async () => {
    const { clock, destinations, failing, start, pass, told } = scene()
    const service = start()
    failing.add('ops')
    destinations.set('hook', { oldestPendingMs: clock.now() - hour })
    await service.apply(workspaceOf({ late }))
    await pass(hour)
    failing.clear()
    const notifiers = { ops: { type: 'pager', settings: { number: '3' } } }
    await service.apply(workspaceOf({ late }, { notifiers }))
    await pass(1000)
    assert.deepEqual(told(), ['ops firing hook'])
    await service.stop()
  })
})

describe('a test of an alert', () => {
  it('tells each notifier now, says what they answered, and changes no state', async () => {
    const { destinations, failing, start, told } = scene()
    const service = start()
    destinations.set('hook', { oldestPendingMs: null })
    await service.apply(workspaceOf({ late: { ...late, notify: ['ops', 'mail'] } }))
    failing.add('mail')
    assert.deepEqual(await service.test('late'), {
      alert: 'late',
      results: [
        { notifier: 'ops', sent: true },
        { notifier: 'mail', sent: false, message: 'the pager is broken' },
      ],
    })
    assert.deepEqual(told(), ['ops test hook'])
    await assert.rejects(service.test('early'), /There is no alert "early"/)
    assert.equal((await service.statuses()).alerts[0]?.subjects[0]?.state, 'ok')
    await service.stop()
  })
})
