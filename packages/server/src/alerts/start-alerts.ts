import { AlertService } from '@millrace/control'
import type { WorkspaceVersions } from '@millrace/control'
import type { AnyDestination } from '@millrace/component-kit'
import type { DeliveryMetrics, DeliveryService } from '@millrace/delivery'
import type { StateStore } from '@millrace/storage'
import type { Logger } from '../logger.ts'
import type { Child } from '../process/child.ts'
import type { Backlog } from '../retention/backlog.ts'
import { readAlertFacts } from '../views/alert-facts-view.ts'
import { OldestPending } from '../views/oldest-pending-view.ts'
import type { Stores } from '../views/stores.ts'
import { sendNotification } from './send-notification.ts'

export interface AlertWiring {
  stores: Stores
  versions: WorkspaceVersions
  /** The control process's own. */
  state: StateStore
  webhook: AnyDestination
  /** The delivering process; undefined where this server has none. */
  deliver: Child | undefined
  backlog: () => Promise<Backlog>
  logger: Logger
}

const askMs = 3_000

/** Watches what the version in force says, and each that follows. */
export function startAlerts({ stores, versions, state, webhook, deliver, backlog, logger }: AlertWiring): {
  alerts: AlertService
  stop: () => Promise<void>
} {
  const ask = async <T>(method: string): Promise<T | undefined> => {
    try {
      return deliver === undefined ? undefined : ((await deliver.call(method, null, askMs)) as T)
    } catch {
      // It is being started again; until then nothing is known of it.
      return undefined
    }
  }
  const sources = {
    stores,
    oldestPending: new OldestPending(stores),
    backlog,
    workspace: () => versions.active?.workspace,
    metrics: () => ask<{ id: string; metrics: DeliveryMetrics }[]>('deliver.metrics'),
    destinations: async () => {
      const statuses = await ask<ReturnType<DeliveryService['statuses']>>('deliver.statuses')
      return (statuses ?? []).map(({ status }) => status)
    },
  }
  const alerts = new AlertService({
    state,
    facts: (needs) => readAlertFacts(sources, needs),
    send: sendNotification(webhook, versions),
    warn: (message) => logger.warn(message),
  })
  const end = versions.onApplied(({ workspace }) => void alerts.apply(workspace))
  if (versions.active !== undefined) void alerts.apply(versions.active.workspace)
  return {
    alerts,
    stop: async () => {
      end()
      await alerts.stop()
    },
  }
}
