import { randomUUID } from 'node:crypto'
import { MillraceError } from '@millrace/protocol'
import type { AlertTestAnswer, AlertsAnswer } from '@millrace/protocol'
import type { StateStore } from '@millrace/storage'
import type { Workspace, WorkspaceAlert } from '../workspace/workspace.ts'
import type { AlertFacts, AlertNeed } from './alert-facts.ts'
import { deleteAlertRecord, putAlertRecord, readAlertRecords } from './alert-record.ts'
import type { AlertRecord } from './alert-record.ts'
import type { AnyAlertRule } from './alert-rule.ts'
import { alertRules } from './alert-rules.ts'
import { alertStatuses } from './alert-statuses.ts'
import { systemClock } from './clock.ts'
import type { AlertClock } from './clock.ts'
import { NotificationQueue } from './notification-queue.ts'
import type { SendNotification } from './notification-queue.ts'
import { notificationOf } from './notification.ts'
import type { Notification } from './notification.ts'
import { stepAlert } from './step-alert.ts'

export interface AlertServiceOptions {
  /** Written by this process alone. */
  state: StateStore
  /** Reads what the rules of the workspace need. */
  facts(needs: ReadonlySet<AlertNeed>): Promise<AlertFacts>
  send: SendNotification
  warn(message: string): void
  clock?: AlertClock
}

/** One change, to be written together with the others of an evaluation. */
interface Change {
  alert: string
  subject: string
  /** Undefined: nothing watches it any more. */
  record: AlertRecord | undefined
  tell: { notifiers: readonly string[]; notification: Notification } | undefined
}

const testTimeoutMs = 30_000

/**
 * Looks at the alerts of the workspace every `settings.alerts.intervalMs`. One look never overlaps another: the next one is
 * planned when the last has ended.
 */
export class AlertService {
  readonly #options: AlertServiceOptions
  readonly #clock: AlertClock
  readonly #queue: NotificationQueue
  #workspace: Workspace | undefined
  #cancel: () => void = () => {}
  /** Evaluations and changes of the workspace come one after the other. */
  #turn: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(options: AlertServiceOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#queue = new NotificationQueue({ ...options, clock: this.#clock })
  }

  /** Takes over a version of the workspace and looks at once. The first call starts the service. */
  apply(workspace: Workspace): Promise<void> {
    return this.#inTurn(async () => {
      this.#workspace = workspace
      await this.#queue.use(Object.values(workspace.notifiers))
      await this.#lookAndPlan(workspace)
    })
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancel()
    await this.#turn
    await this.#queue.stop()
  }

  async statuses(): Promise<AlertsAnswer> {
    const { alerts = {} } = this.#workspace ?? {}
    const records = await readAlertRecords(this.#options.state)
    return { alerts: alertStatuses(Object.values(alerts), records), notifiers: await this.#queue.statuses() }
  }

  /** Tells each notifier of an alert that this is a test, and waits for what they say. @throws {MillraceError} `not_found`. */
  async test(id: string): Promise<AlertTestAnswer> {
    const { alerts = {}, notifiers = {} } = this.#workspace ?? {}
    const alert = Object.hasOwn(alerts, id) ? alerts[id] : undefined
    const rule = alert && alertRules[alert.type]
    if (alert === undefined || rule === undefined) {
      throw new MillraceError('not_found', `There is no alert ${JSON.stringify(id)}; GET /api/alerts lists them.`)
    }
    const nowMs = this.#clock.now()
    const threshold = rule.threshold(alert.settings)
    const [subject = ''] = alert.subjects
    const notification = notificationOf('test', alert, rule, {
      id: randomUUID(),
      subject,
      sinceMs: nowMs,
      value: threshold,
      threshold,
      nowMs,
    })
    const results = alert.notify.map(async (notifier) => {
      const known = notifiers[notifier]
      if (known === undefined) return { notifier, sent: false, message: 'there is no such notifier' }
      try {
        await this.#options.send(known, notification, AbortSignal.timeout(testTimeoutMs))
        return { notifier, sent: true }
      } catch (error) {
        return { notifier, sent: false, message: messageOf(error) }
      }
    })
    return { alert: id, results: await Promise.all(results) }
  }

  /** Whatever happens to one look, there is a next one. */
  async #lookAndPlan(workspace: Workspace): Promise<void> {
    try {
      await this.#evaluate(workspace)
    } finally {
      this.#plan(workspace)
    }
  }

  #plan(workspace: Workspace): void {
    this.#cancel()
    if (this.#isStopped || Object.keys(workspace.alerts).length === 0) return
    this.#cancel = this.#clock.after(workspace.settings.alerts.intervalMs, () => {
      void this.#inTurn(async () => {
        // A newer version has planned its own.
        if (this.#workspace !== workspace || this.#isStopped) return
        await this.#lookAndPlan(workspace)
      })
    })
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(work)
    this.#turn = result.catch((error: unknown) => this.#options.warn(`alerts failed: ${messageOf(error)}`))
    return this.#turn
  }

  async #evaluate(workspace: Workspace): Promise<void> {
    const watched = Object.values(workspace.alerts).flatMap((alert) => {
      const rule = alertRules[alert.type]
      return alert.enabled && rule !== undefined ? [{ alert, rule }] : []
    })
    const stored = await readAlertRecords(this.#options.state)
    if (watched.length === 0 && stored.length === 0) return
    let facts: AlertFacts
    try {
      facts = await this.#options.facts(new Set(watched.map(({ rule }) => rule.needs)))
    } catch (error) {
      // Nothing is known, so nothing changes.
      this.#options.warn(`alerts could not be evaluated: ${messageOf(error)}`)
      facts = { sources: new Map(), destinations: new Map() }
    }
    const nowMs = this.#clock.now()
    const records = new Map(stored.map(({ alert, subject, record }) => [keyOf(alert, subject), record]))
    const changes = watched.flatMap(({ alert, rule }) =>
      alert.subjects.map((subject) => {
        const key = keyOf(alert.id, subject)
        const before = records.get(key)
        if (before?.type === alert.type) records.delete(key)
        const intervalMs = workspace.settings.alerts.intervalMs
        return look({ alert, rule, subject, before, facts, nowMs, intervalMs })
      }),
    )
    const watchedKeys = new Set(changes.map(({ alert, subject }) => keyOf(alert, subject)))
    for (const { alert, subject } of stored) {
      const record = records.get(keyOf(alert, subject))
      if (record === undefined) continue
      const tell = farewell(alert, subject, record, workspace.alerts[alert], nowMs)
      if (watchedKeys.has(keyOf(alert, subject))) changes.unshift({ alert, subject, record: undefined, tell })
      else changes.push({ alert, subject, record: undefined, tell })
    }
    await this.#options.state.transaction((tx) => {
      for (const { alert, subject, record, tell } of changes) {
        if (record === undefined) deleteAlertRecord(tx, alert, subject)
        else putAlertRecord(tx, alert, subject, record)
        for (const notifier of tell?.notifiers ?? []) {
          if (tell !== undefined && this.#queue.has(notifier)) this.#queue.put(tx, notifier, tell.notification)
        }
      }
    })
    if (changes.some(({ tell }) => tell !== undefined)) this.#queue.wake()
  }
}

/** What becomes of an alert on one source or destination. */
function look(options: {
  alert: WorkspaceAlert
  rule: AnyAlertRule
  subject: string
  before: AlertRecord | undefined
  facts: AlertFacts
  nowMs: number
  intervalMs: number
}): Change {
  const { alert, rule, subject, facts, nowMs, intervalMs } = options
  const begun: AlertRecord = { type: alert.type, state: 'ok', sinceMs: nowMs, atMs: nowMs }
  const before = options.before?.type === alert.type ? options.before : begun
  const observation = {
    settings: alert.settings,
    memory: before.memory,
    nowMs,
    // A look may be late by itself; a gap is when it was left out.
    unwatchedMs: nowMs - before.atMs > 3 * intervalMs ? nowMs - before.atMs : 0,
  }
  const { value, memory } =
    rule.subject === 'source'
      ? rule.observe(facts.sources.get(subject) ?? {}, observation)
      : rule.observe(facts.destinations.get(subject) ?? {}, observation)
  const threshold = rule.threshold(alert.settings)
  const { record, tell } = stepAlert(before, value, { threshold, nowMs }, alert)
  const next = memory === undefined ? record : { ...record, memory }
  if (tell === undefined) return { alert: alert.id, subject, record: next, tell: undefined }
  const sinceMs = tell === 'firing' ? nowMs : before.sinceMs
  const happened = { id: randomUUID(), subject, sinceMs, value: value ?? 0, threshold, nowMs }
  return {
    alert: alert.id,
    subject,
    record: next,
    tell: {
      // The end is told to those who were told of the begin.
      notifiers: tell === 'firing' ? alert.notify : (before.told ?? []),
      notification: notificationOf(tell, alert, rule, happened),
    },
  }
}

/** What is told of an alert that fired and that nobody watches any more. */
function farewell(
  id: string,
  subject: string,
  { type, state, sinceMs, value = 0, threshold = value, told = [] }: AlertRecord,
  alert: WorkspaceAlert | undefined,
  nowMs: number,
): Change['tell'] {
  const rule = alertRules[type]
  if (state !== 'firing' || rule === undefined) return undefined
  const settings = alert?.type === type ? alert.settings : {}
  const known = { id, name: alert?.name ?? id, type, settings }
  const happened = { id: randomUUID(), subject, sinceMs, value, threshold, nowMs, removed: true }
  return { notifiers: told, notification: notificationOf('resolved', known, rule, happened) }
}

const keyOf = (alert: string, subject: string): string => `${alert}/${subject}`

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
