import type { DeliveryService } from '@millrace/delivery'
import type { Workspace } from '@millrace/control'
import type { Offset } from '@millrace/storage'
import type { Logger } from '../logger.ts'
import type { Child } from '../process/child.ts'
import { quotaPercentOf } from './backlog.ts'
import type { Backlog } from './backlog.ts'
import { planExpiry } from './plan-expiry.ts'
import type { ExpiryPlan } from './plan-expiry.ts'

export interface RetentionOptions {
  writer: Pick<Child, 'call'>
  /** Undefined where this server does not deliver: then nothing expires. */
  deliver: Pick<Child, 'call'> | undefined
  backlog: () => Promise<Backlog>
  /** Runs it while nobody in this process counts in the log: who has taken a snapshot must find the blocks that it speaks of. */
  alone: (task: () => Promise<unknown>) => Promise<unknown>
  /** The version in force. */
  workspace: () => Workspace | undefined
  logger: Logger
}

/** With no workspace in force there are no settings and, most likely, no messages. */
const IDLE_MS = 10_000
/** Deciding over a segment's worth of messages takes seconds. */
const EXPIRE_TIMEOUT_MS = 600_000

/**
 * Looks from time to time how far all destinations have read, and has the writer remove what is old and read. When what is
 * not read reaches the disk quota, in this order: a warning at eight tenths; at the quota, what stopped destinations wait for
 * expires, if the workspace lets it; only when nothing may expire and the disk is full are messages refused.
 */
export class Retention {
  readonly #options: RetentionOptions
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #isStopped = false
  /** What was warned of last. */
  #warning = ''

  constructor(options: RetentionOptions) {
    this.#options = options
  }

  start(): void {
    const { intervalMs = IDLE_MS } = this.#options.workspace()?.settings.retention ?? {}
    this.#timer = setTimeout(() => {
      this.#running = this.run().finally(() => {
        if (!this.#isStopped) this.start()
      })
    }, intervalMs)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#running
  }

  /** One look. Whatever happens to it, there is a next one. */
  async run(): Promise<void> {
    const { writer, deliver, backlog, alone, logger } = this.#options
    try {
      await this.#expire(await backlog())
      const { keepFrom, quotaBytes } = await backlog()
      // A cursor that a power failure takes back must find its blocks. While the process is being started nothing is removed.
      if (deliver !== undefined && !(await deliver.call('deliver.sync').then(...answered))) return
      await alone(() => writer.call('writer.retain', { keepFrom, quotaBytes }))
    } catch (error) {
      if (!this.#isStopped) logger.warn(`old messages could not be removed: ${String(error)}`)
    }
  }

  async #expire(backlog: Backlog): Promise<void> {
    const { writer, deliver, workspace, logger } = this.#options
    const current = workspace()
    if (current === undefined) return
    const { settings, destinations } = current
    const statuses = backlog.keepFrom < backlog.resolved ? await this.#statuses() : []
    const isWarehouse = (id: string): boolean => destinations[id]?.kind === 'warehouse'
    const plan = planExpiry(backlog, statuses, isWarehouse, settings.retention, Date.now())
    this.#warn(plan, backlog, settings.retention)
    if (plan.before === undefined || deliver === undefined) return
    // Whole segments are removed: what expires beyond the last one would make no room.
    const before = (await writer.call('writer.truncationPoint', plan.before)) as Offset
    for (const [id, from] of backlog.needs) {
      if (from >= before || this.#isStopped) continue
      const expired = (await deliver.call('deliver.expire', { id, before }, EXPIRE_TIMEOUT_MS)) as number
      if (expired > 0) logger.warn(expiredText(id, expired))
    }
  }

  async #statuses(): Promise<ReturnType<DeliveryService['statuses']>[number]['status'][]> {
    const { deliver } = this.#options
    if (deliver === undefined) return []
    // While the process is being started nobody is known to be held.
    const answer = await deliver.call('deliver.statuses').catch(() => [])
    return (answer as ReturnType<DeliveryService['statuses']>).map(({ status }) => status)
  }

  /** Says it once, and again when it has become something else. */
  #warn(plan: ExpiryPlan, backlog: Backlog, settings: Workspace['settings']['retention']): void {
    const { logger } = this.#options
    const isBlocked = plan.level === 'full' && plan.blockers.length > 0
    const warning = isBlocked ? `full ${plan.blockers.join()}` : plan.level
    // What expired has made room: that it is near again is no news.
    if (warning === this.#warning || (plan.level === 'near' && this.#warning.startsWith('full'))) return
    this.#warning = warning
    if (plan.level === 'ok') return
    const text = takenText(backlog)
    if (isBlocked) {
      logger.warn(
        `${text}, and nothing of ${namesOf(plan.blockers)} may expire: the disk may become full, then messages are refused with 503`,
      )
    } else if (settings.atQuota === 'keep') {
      logger.warn(`${text}; nothing expires, because settings.retention.atQuota is "keep"`)
    } else {
      logger.warn(`${text}; at the quota the oldest messages of destinations that are stopped expire`)
    }
  }
}

const answered = [() => true, () => false] as const

const takenText = (backlog: Backlog): string => {
  const shares = [...backlog.needs, ...backlog.replays]
    .map(([id, from]) => ({ id, percent: quotaPercentOf(backlog, from) }))
    .filter(({ percent }) => percent >= 50)
    .sort((a, b) => b.percent - a.percent)
    .map(({ id, percent }) => `"${id}" ${percent} %`)
  const percent = quotaPercentOf(backlog, backlog.keepFrom)
  return `messages that are not delivered take ${percent} % of the disk quota of ${backlog.quotaBytes} bytes (${shares.join(', ')})`
}

const namesOf = (ids: readonly string[]): string => ids.map((id) => `"${id}"`).join(', ')

const expiredText = (id: string, messages: number): string =>
  `the disk quota is used up: ${messages} messages that destination "${id}" had not read are dead(expired)`
