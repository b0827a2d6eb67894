import type { AlertFacts, AlertNeed, DestinationFacts, SourceFacts, Workspace } from '@millrace/control'
import { destinationLedgers } from '@millrace/delivery'
import type { DeliveryMetrics } from '@millrace/delivery'
import { sourceLedgers } from '@millrace/pipeline'
import type { DestinationStatus } from '@millrace/protocol'
import { startOfLog } from '@millrace/storage'
import { quotaPercentOf } from '../retention/backlog.ts'
import type { Backlog } from '../retention/backlog.ts'
import type { OldestPending } from './oldest-pending-view.ts'
import type { Stores } from './stores.ts'

export interface AlertSources {
  stores: Stores
  oldestPending: OldestPending
  backlog: () => Promise<Backlog>
  /** The version in force. */
  workspace: () => Pick<Workspace, 'sources' | 'destinations'> | undefined
  /** Undefined when the delivering process does not answer. */
  metrics: () => Promise<readonly { id: string; metrics: Pick<DeliveryMetrics, 'outcomes'> }[] | undefined>
  destinations: () => Promise<readonly Pick<DestinationStatus, 'destination' | 'state'>[]>
}

/** What the rules look at, as far as they need it. */
export async function readAlertFacts(
  { stores, oldestPending, backlog, workspace, metrics, destinations }: AlertSources,
  needs: ReadonlySet<AlertNeed>,
): Promise<AlertFacts> {
  const found = { sources: new Map<string, SourceFacts>(), destinations: new Map<string, DestinationFacts>() }
  const add = (id: string, facts: DestinationFacts): void =>
    void found.destinations.set(id, { ...found.destinations.get(id), ...facts })

  if (needs.has('attempts')) {
    for (const { id, metrics: counted } of (await metrics()) ?? []) {
      const { delivered, retry, rejected, unauthorized } = counted.outcomes
      const failed = retry + rejected + unauthorized
      add(id, { attempts: { all: delivered + failed, failed } })
    }
    for (const { destination, state } of await destinations()) {
      add(destination, { state: state === 'running' || state === 'disabled' ? state : 'failing' })
    }
  }
  if (needs.has('oldestPending')) {
    for (const [id, oldestPendingMs] of await oldestPending.read()) add(id, { oldestPendingMs })
  }
  if (needs.has('quota')) {
    const now = await backlog()
    for (const [id, from] of now.needs) add(id, { quotaPercent: quotaPercentOf(now, from) })
  }
  if (needs.has('dead')) {
    const counted = await deadMessages(stores)
    // What has no account yet has no dead messages; unknown would be something else.
    for (const id of Object.keys(workspace()?.destinations ?? {})) add(id, { dead: counted.get(id) ?? 0 })
  }
  if (needs.has('accepted')) {
    const ledgers = await stores.together((_delivery, resolve) => sourceLedgers(stores.log, resolve))
    const counted = new Map(ledgers.map(({ source, accepted }) => [source, accepted]))
    for (const id of Object.keys(workspace()?.sources ?? {})) found.sources.set(id, { accepted: counted.get(id) ?? 0 })
  }
  return found
}

/** Only the settled part of the account is asked for: it is counters, and nothing of the log is read. */
async function deadMessages(stores: Stores): Promise<Map<string, number>> {
  const nothingResolved = async () => new Map<string, number>()
  const ledgers = await stores.together((delivery) =>
    destinationLedgers(delivery, startOfLog, nothingResolved, new Map()),
  )
  const dead = new Map<string, number>()
  for (const { destination, dead: reasons } of ledgers) {
    const count = Object.values(reasons).reduce((sum, each) => sum + each, 0)
    dead.set(destination, (dead.get(destination) ?? 0) + count)
  }
  return dead
}
