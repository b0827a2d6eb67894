import { DeliveryService, ResolvedFeed, systemClock } from '@millrace/delivery'
import type { DeliveryPlan, LetterPlace, ReplayOrder } from '@millrace/delivery'
import { resolvedBefore } from '@millrace/pipeline'
import { FileLogReader, SqliteStateStore } from '@millrace/storage/engines'
import { loadComponents } from '../components.ts'
import { lockRole, openDataFolder } from '../data-folder.ts'
import { runRole } from '../process/role-process.ts'
import { version } from '../version.ts'

/** The process that delivers to all destinations. */
await runRole(async ({ dataFolder }, logger) => {
  const folder = await openDataFolder(dataFolder)
  lockRole(folder, 'deliver')
  const log = await FileLogReader.open(folder.log)
  const resolveState = SqliteStateStore.open({ path: folder.resolveState, readOnly: true })
  const state = SqliteStateStore.open({ path: folder.deliveryState })
  const { destinations, warehouses } = await loadComponents()
  const service = new DeliveryService({
    feed: new ResolvedFeed({ log, resolveState }),
    state,
    components: { destinations, warehouses },
    resolvedBefore: (cursor) => resolvedBefore(log, resolveState, cursor),
    dataDirectory: folder.path,
    userAgent: `Millrace/${version}`,
    schemaOf: (source) => source,
    clock: systemClock,
    preciseMs: () => performance.now(),
    busyShare: busyShareOfThisProcess(),
    random: Math.random,
    warn: (message) => logger.warn(message),
  })
  return {
    handlers: {
      'deliver.apply': (plan: DeliveryPlan) => {
        // Opening a warehouse or settling a removed destination may take long; the call says only that it has begun.
        service.apply(plan).catch((error: unknown) => {
          logger.error(`version ${plan.workspaceVersion} of the workspace could not be applied: ${String(error)}`)
          process.exit(1)
        })
      },
      'deliver.statuses': () => service.statuses(),
      'deliver.inFlight': () => service.inFlight(),
      'deliver.pause': ({ id, reason }: { id: string; reason: string }) => service.pause(id, reason),
      'deliver.redrive': ({ id, letters }: { id: string; letters: readonly LetterPlace[] }) =>
        service.redrive(id, letters),
      'deliver.resume': ({ id }: { id: string }) => service.resume(id),
      'deliver.replay': (order: ReplayOrder) => service.replays.create(order),
      'deliver.changeReplay': ({ id, change }: { id: string; change: 'pause' | 'resume' | 'cancel' }) =>
        service.replays[change](id),
      'deliver.replays': () => service.replays.activities(),
      'deliver.expire': ({ id, before }: { id: string; before: number }) => service.expire(id, before),
      'deliver.sync': () => service.sync(),
      'deliver.metrics': () => [...service.metrics()].map(([id, metrics]) => ({ id, metrics })),
      'deliver.query': ({
        id,
        sql,
        maxRows,
        timeoutMs,
      }: {
        id: string
        sql: string
        maxRows: number
        timeoutMs: number
      }) => service.query(id, sql, { maxRows, timeoutMs }),
    },
    stop: async () => {
      await service.stop()
      await log[Symbol.asyncDispose]()
      await resolveState[Symbol.asyncDispose]()
      await state[Symbol.asyncDispose]()
    },
  }
})

/** For what share of the time this process was busy since the last call. */
function busyShareOfThisProcess(): () => number {
  let last = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, last)
    last = now
    return utilization
  }
}
