import type { AlertService, ControlDependencies, WorkspaceRegistry, WorkspaceVersions } from '@millrace/control'
import type { DeliveryMetrics, DeliveryService, LetterPlace, Redriven, ReplayActivity } from '@millrace/delivery'
import type { IngestionMetrics } from '@millrace/ingestion'
import { MessageFinder, readViolations } from '@millrace/pipeline'
import { MillraceError } from '@millrace/protocol'
import type { DestinationStatus, JsonObject, ReplayStatus, SqlAnswer } from '@millrace/protocol'
import { Fingerprinter } from '@millrace/storage'
import type { DataFolder } from './data-folder.ts'
import type { Logger } from './logger.ts'
import type { Child } from './process/child.ts'
import { quotaPercentOf } from './retention/backlog.ts'
import type { Backlog } from './retention/backlog.ts'
import type { WriterStatus } from './roles/log-writer.ts'
import { version } from './version.ts'
import { listDeadLetterCauses, listDeadLetters, showDeadLetter } from './views/dead-letters-view.ts'
import { expiredMessages } from './views/expired-messages-view.ts'
import { readLedger, verifyLedger } from './views/ledger-view.ts'
import { renderMetrics } from './views/metrics-text.ts'
import { metricsOf } from './views/metrics-view.ts'
import { compareShadow, previewMessage } from './views/preview-view.ts'
import { cutOf, describeCut, readCuts, readProfile, tryRules } from './views/profile-view.ts'
import { fromPosition, toPosition } from './views/positions.ts'
import { redriveLetters, redriveProgressOf } from './views/redrive-view.ts'
import { listReplays, planReplay, showReplay } from './views/replay-view.ts'
import { readinessReasons } from './views/readiness.ts'
import type { Stores } from './views/stores.ts'
import { readRejections, readTail } from './views/tail-view.ts'
import { traceMessage } from './views/trace-view.ts'

export interface ControlWiring {
  folder: DataFolder
  stores: Stores
  versions: WorkspaceVersions
  registry: WorkspaceRegistry
  alerts: AlertService
  backlog: () => Promise<Backlog>
  children: { writer: Child; deliver: Child | undefined; ingesters: readonly Child[] }
  loopback: boolean
  shutdown: AbortSignal
  logger: Logger
}

/** A process that does not answer a question about itself within this time is taken for missing. */
const ASK_MS = 3_000
/** A call redrives a thousand letters in a transaction or two; the disk may be busy. */
const REDRIVE_MS = 30_000
/** Cancelling waits for requests that are under way. */
const REPLAY_MS = 15_000
/** How long a live tail waits before it looks at the log again. */
const TAIL_POLL_MS = 100

/** Gives the HTTP API what it needs of the stores and of the other processes. */
export const controlDependencies = (wiring: ControlWiring): ControlDependencies => {
  const { folder, stores, versions, registry, alerts, backlog, children, loopback, shutdown, logger } = wiring
  const finder = new MessageFinder(folder.index, stores.log, new Fingerprinter(folder.keys.fingerprint))
  // With one or two processors the writer is also the one that listens.
  const all = (): Child[] => [
    ...new Set([children.writer, ...(children.deliver ? [children.deliver] : []), ...children.ingesters]),
  ]

  const ask = async <T>(
    child: Child | undefined,
    method: string,
    convert: (answer: unknown) => T,
  ): Promise<T | undefined> => {
    try {
      return child === undefined ? undefined : convert(await child.call(method, null, ASK_MS))
    } catch {
      return undefined
    }
  }
  const writerStatus = (): Promise<WriterStatus | undefined> =>
    ask(children.writer, 'writer.status', (answer) => answer as WriterStatus)
  const memoryOf = (child: Child): Promise<NodeJS.MemoryUsage | undefined> =>
    ask(child, 'memory', (answer) => answer as NodeJS.MemoryUsage)
  const inFlight = async (): Promise<ReadonlyMap<string, number>> =>
    (await ask(children.deliver, 'deliver.inFlight', (answer) => answer as Map<string, number>)) ?? new Map()

  const destinations = async (): Promise<DestinationStatus[]> => {
    const statuses = await ask(
      children.deliver,
      'deliver.statuses',
      (answer) => answer as ReturnType<DeliveryService['statuses']>,
    )
    const now = await backlog()
    const expired = await stores.together(expiredMessages)
    return (statuses ?? []).map(({ status, cursor }) => {
      const gone = expired.get(status.destination)
      return {
        ...status,
        cursor: toPosition(cursor),
        lagBytes: Math.max(0, now.resolved - cursor.block),
        quotaPercent: quotaPercentOf(now, now.needs.get(status.destination) ?? now.head),
        ...(gone !== undefined && { expired: gone }),
      }
    })
  }

  /** Tells the process that delivers; answers with the state of the destination then. */
  const tellDestination = async (method: string, id: string, reason?: string): Promise<DestinationStatus> => {
    if (versions.active?.workspace.destinations[id] === undefined) {
      throw new MillraceError('not_found', `there is no destination "${id}"; see: millrace destinations`)
    }
    if (children.deliver === undefined) {
      throw new MillraceError('unavailable', 'this server does not run the role "deliver"')
    }
    try {
      await children.deliver.call(method, { id, reason }, ASK_MS)
    } catch (error) {
      throw new MillraceError('unavailable', error instanceof Error ? error.message : String(error))
    }
    const status = (await destinations()).find(({ destination }) => destination === id)
    if (status === undefined) throw new MillraceError('unavailable', `destination "${id}" does not answer now`)
    return status
  }

  const redrive = async (id: string, letters: readonly LetterPlace[]): Promise<Redriven> => {
    if (versions.active?.workspace.destinations[id] === undefined) {
      throw new MillraceError('not_found', `there is no destination "${id}" in the workspace to send to`)
    }
    if (children.deliver === undefined) {
      throw new MillraceError('unavailable', 'this server does not run the role "deliver"')
    }
    try {
      return (await children.deliver.call('deliver.redrive', { id, letters }, REDRIVE_MS)) as Redriven
    } catch (error) {
      throw new MillraceError('unavailable', error instanceof Error ? error.message : String(error))
    }
  }

  const activities = async (): Promise<ReadonlyMap<string, ReplayActivity>> =>
    (await ask(children.deliver, 'deliver.replays', (answer) => answer as Map<string, ReplayActivity>)) ?? new Map()
  const replays = async (): Promise<ReplayStatus[]> => listReplays(stores, await activities())
  const metricsOfDeliver = async (): Promise<{ id: string; metrics: DeliveryMetrics }[]> =>
    (await ask(
      children.deliver,
      'deliver.metrics',
      (answer) => answer as { id: string; metrics: DeliveryMetrics }[],
    )) ?? []

  /** Tells the process that delivers what to do about a replay. Its refusals are conflicts: what it knows was checked before. */
  const tellReplays = async (method: string, parameters: unknown): Promise<ReplayStatus> => {
    if (children.deliver === undefined) {
      throw new MillraceError('unavailable', 'this server does not run the role "deliver"')
    }
    try {
      return (await children.deliver.call(method, parameters, REPLAY_MS)) as ReplayStatus
    } catch (error) {
      throw new MillraceError('conflict', error instanceof Error ? error.message : String(error))
    }
  }

  const inForce = () => {
    const { active } = versions
    if (active === undefined) throw new MillraceError('not_found', 'no workspace is in force')
    return { active, registry }
  }

  return {
    token: folder.adminToken,
    loopback,
    registry,
    versions,
    shutdown,
    ledger: async () => readLedger(stores, await inFlight()),
    verifyLedger: async (onProgress, signal) => verifyLedger(stores, await inFlight(), onProgress, signal),
    trace: (messageId) => traceMessage(stores, finder, messageId),
    tail: (options) => readTail(stores, options),
    tailChanged: async (next, signal) => {
      const { block } = fromPosition(next)
      while (!signal.aborted && (await stores.log.head()) <= block) {
        await new Promise((resolve) => setTimeout(resolve, TAIL_POLL_MS))
      }
    },
    rejections: (options) => readRejections(stores, options),
    violations: ({ source }) => readViolations(stores.resolve, source),
    destinations,
    pause: (id, reason) => tellDestination('deliver.pause', id, reason),
    resume: (id) => tellDestination('deliver.resume', id),
    deadLetters: (request) => listDeadLetters(stores, request),
    deadLetter: (id, letterId) => showDeadLetter(stores, id, letterId),
    redrive: (request) =>
      redriveLetters(stores, request, async (letters) => {
        const { destinationId: id } = request
        const redriven = await redrive(id, letters)
        if (redriven.redriven.length > 0) logger.info(`redrive: ${redriven.redriven.length} dead messages of "${id}"`)
        return redriven
      }),
    redriveProgress: (id, letterIds) => redriveProgressOf(stores, id, letterIds),
    deadLetterCauses: (id) => listDeadLetterCauses(stores, id),
    profile: (identifier) => readProfile(stores, versions.active?.workspace.settings.identity, identifier),
    tryIdentityRules: (settings) => tryRules(stores, versions.active?.workspace.settings.identity, settings),
    identityCuts: () => readCuts(stores),
    cutIdentity: async (request) => {
      const cut = cutOf(request, Date.now())
      await children.writer.call('writer.cut', cut, ASK_MS)
      logger.info(`${cut.by} undid the link between ${cut.a} and ${cut.b}`)
      return describeCut(cut)
    },
    uncutIdentity: async (id) => {
      const cut = (await readCuts(stores)).find((each) => each.id === id)
      if (cut === undefined)
        throw new MillraceError('not_found', `no undone link has the id "${id}"; see: GET /api/identity/cuts`)
      await children.writer.call('writer.uncut', { a: cut.a, b: cut.b }, ASK_MS)
      return cut
    },
    sql: async (id, request): Promise<SqlAnswer> => {
      const destination = versions.active?.workspace.destinations[id]
      if (destination === undefined) throw new MillraceError('not_found', `there is no destination "${id}"`)
      if (destination.kind !== 'warehouse') {
        throw new MillraceError(
          'invalid_request',
          `destination "${id}" is a ${destination.type}; only a warehouse can be asked with SQL`,
        )
      }
      if (children.deliver === undefined)
        throw new MillraceError('unavailable', 'this server does not run the role "deliver"')
      try {
        return (await children.deliver.call(
          'deliver.query',
          { id, ...request },
          request.timeoutMs + ASK_MS,
        )) as SqlAnswer
      } catch (error) {
        throw new MillraceError('invalid_request', error instanceof Error ? error.message : String(error))
      }
    },
    preview: (request) => previewMessage(inForce(), request),
    shadow: (request, signal) => compareShadow(stores, inForce(), request, signal),
    replay: async (request, { dryRun }) => {
      const known = (await metricsOfDeliver()).find(({ id }) => id === request.destination)?.metrics
      const requestMs = known !== undefined && known.requests > 0 ? known.requestMs / known.requests : undefined
      const { order, samples } = await planReplay(stores, inForce(), request, requestMs)
      const plan = { estimate: order.estimate, samples }
      return dryRun ? plan : { ...plan, replay: await tellReplays('deliver.replay', order) }
    },
    replays,
    showReplay: async (id) => showReplay(stores, await activities(), id),
    changeReplay: async (id, change) => {
      await showReplay(stores, new Map(), id)
      return tellReplays('deliver.changeReplay', { id, change })
    },
    alerts: () => alerts.statuses(),
    testAlert: (id) => alerts.test(id),
    readiness: async () => {
      const reasons = readinessReasons(await writerStatus(), all(), Date.now())
      return { ready: reasons.length === 0, reasons }
    },
    metrics: async () => {
      const ingestion: { process: string; metrics: IngestionMetrics }[] = []
      const memory: { process: string; rss: number }[] = [{ process: 'control', rss: process.memoryUsage().rss }]
      for (const child of children.ingesters) {
        const metrics = await ask(child, 'ingest.metrics', (answer) => answer as IngestionMetrics | undefined)
        if (metrics !== undefined) ingestion.push({ process: child.name, metrics })
      }
      const writer = await writerStatus()
      for (const child of all()) {
        const usage = await memoryOf(child)
        if (usage !== undefined) memory.push({ process: child.name, rss: usage.rss })
      }
      return renderMetrics(
        metricsOf({
          ledger: await readLedger(stores, await inFlight()),
          violations: await readViolations(stores.resolve),
          ingestion,
          writer,
          delivery: await metricsOfDeliver(),
          replays: await replays(),
          destinations: await destinations(),
          alerts: (await alerts.statuses()).alerts,
          backlog: await backlog(),
          memory,
          restarts: all().map(({ name, restarts }) => ({ process: name, count: restarts })),
        }),
      )
    },
    status: async () => {
      const writer = await writerStatus()
      return {
        version,
        dataFolder: folder.path,
        workspaceVersion: versions.active?.version ?? null,
        processes: [
          describe({ name: 'control', pid: process.pid, isReady: true, restarts: 0 }, process.memoryUsage()),
          ...(await Promise.all(all().map(async (child) => describe(child, await memoryOf(child))))),
        ],
        log:
          writer === undefined ? null : { tail: writer.tail, head: writer.head, resolveCursor: writer.resolveCursor },
        disk: writer === undefined ? null : { freeBytes: writer.freeBytes },
      }
    },
    logError: (error, { method, path }) => {
      logger.error(
        `${method} ${path} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      )
    },
  }
}

/** A process as `GET /api/status` shows it. */
const describe = (
  { name, pid, isReady, restarts }: Pick<Child, 'name' | 'pid' | 'isReady' | 'restarts'>,
  memory: NodeJS.MemoryUsage | undefined,
): JsonObject => ({
  name,
  pid: pid ?? null,
  ready: isReady,
  restarts,
  memoryBytes:
    memory === undefined
      ? null
      : { resident: memory.rss, heapUsed: memory.heapUsed, heapTotal: memory.heapTotal, buffers: memory.arrayBuffers },
})
