import { createServer } from 'node:http'
import { mkdtemp, rm, rename, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WorkspaceVersions, createControlApi, readWorkspaceFile } from '@millrace/control'
import type { ActiveVersion } from '@millrace/control'
import { cursorSince } from '@millrace/pipeline'
import { SqliteStateStore } from '@millrace/storage/engines'
import { startAlerts } from './alerts/start-alerts.ts'
import { loadComponents, webhookOf } from './components.ts'
import { controlDependencies } from './control-dependencies.ts'
import { lockRole, openDataFolder } from './data-folder.ts'
import type { DataFolder } from './data-folder.ts'
import { freePort } from './free-port.ts'
import type { Logger } from './logger.ts'
import { deliveryPlan, ingestPlan, writerPlan } from './plans.ts'
import { Child } from './process/child.ts'
import type { RoleOptions } from './process/role-process.ts'
import { readBacklog } from './retention/backlog.ts'
import { Retention } from './retention/retention.ts'
import { readLedger } from './views/ledger-view.ts'
import { openStores } from './views/stores.ts'
import type { Stores } from './views/stores.ts'

export const roles = ['ingest', 'resolve', 'deliver', 'control'] as const
export type Role = (typeof roles)[number]

export interface StartOptions {
  data: string
  host: string
  port: number
  config: string | undefined
  roles: readonly Role[]
  /** Processes that listen. 0: the process that owns the log also listens, which is best with one or two processors. */
  ingestProcesses: number
  logger: Logger
}

export interface RunningServer {
  url: string
  folder: DataFolder
  active: ActiveVersion | undefined
  stop: () => Promise<void>
}

/**
 * Garbage collection by role. Accepting leaves nothing alive behind it, so one thread collects it faster than four that wait
 * for each other: measured 7.1 µs of processor per message instead of 10.7 µs. Delivery holds thousands of messages alive
 * and gains from more threads. V8 would let the young generation grow to three times 32 MB.
 */
const ACCEPT_HEAP = ['--max-semi-space-size=16', '--single-threaded-gc']
const DELIVER_HEAP = ['--max-semi-space-size=8']

/**
 * Starts all processes, in the order in which they need each other: the writer makes the log, the control process reads the
 * workspace, deliverers and ingest processes get their plans, and only then the port opens. Rejects when one of them fails
 * to start; what was started by then is stopped.
 */
export const startServer = async (options: StartOptions): Promise<RunningServer> => {
  const { logger } = options
  const folder = await openDataFolder(options.data)
  lockRole(folder, 'control')
  // Socket paths have a limit of about 100 characters, so they are not in the data folder.
  const sockets = await mkdtemp(join(tmpdir(), 'millrace-'))
  const undo: (() => Promise<unknown>)[] = [() => rm(sockets, { recursive: true, force: true })]
  try {
    return await startProcesses(options, folder, sockets, undo)
  } catch (error) {
    logger.error(`the server could not start: ${error instanceof Error ? error.message : String(error)}`)
    for (const step of undo.toReversed()) await step()
    throw error
  }
}

const startProcesses = async (
  options: StartOptions,
  folder: DataFolder,
  sockets: string,
  undo: (() => Promise<unknown>)[],
): Promise<RunningServer> => {
  const { logger, host } = options
  let active: ActiveVersion | undefined
  const port = options.port === 0 ? await freePort(host) : options.port

  let isOpen = false

  const child = (name: string, onReady: (child: Child) => Promise<void>): Child => {
    const role = name.replace(/^ingest-\d+$/, 'ingest')
    const roleOptions: RoleOptions = { role: name, dataFolder: folder.path, sockets, host, port }
    return new Child({
      name,
      module: fileURLToPath(new URL(`./roles/${role}.ts`, import.meta.url)),
      roleOptions,
      shared: role.startsWith('ingest'),
      nodeOptions: role === 'deliver' ? DELIVER_HEAP : ACCEPT_HEAP,
      logger,
      onReady,
    })
  }
  /** Without the role `ingest` the port is open all the same, for the HTTP API and the console. */
  const listen = async (started: Child): Promise<void> => {
    if (active !== undefined && options.roles.includes('ingest')) {
      await started.call('ingest.apply', ingestPlan(active))
    }
    await started.call('ingest.listen')
  }

  const isListening = options.roles.includes('ingest')
  const isShared = options.ingestProcesses === 0
  const writer = child(isShared ? 'ingest-writer' : 'writer', async (started) => {
    if (active === undefined) return
    await started.call('writer.apply', writerPlan(active))
    // A successor listens at once; the first one only when all is ready.
    if (isShared && isOpen) await listen(started)
  })
  await writer.start()
  undo.push(() => writer.stop(15_000))

  const stores = await openStores(folder)
  undo.push(async () => stores[Symbol.asyncDispose]())
  const { versions, state } = await openVersions(options, folder, stores)
  undo.push(() => state[Symbol.asyncDispose]())
  active = versions.active
  if (active !== undefined) await writer.call('writer.apply', writerPlan(active))

  const deliver = child('deliver', async (started) => {
    if (active !== undefined) await started.call('deliver.apply', deliveryPlan(active))
  })
  if (options.roles.includes('deliver')) {
    await deliver.start()
    undo.push(() => deliver.stop(15_000))
  }

  const shutdown = new AbortController()
  const ingesters: Child[] = []
  const registry = await loadComponents()
  const delivering = options.roles.includes('deliver') ? deliver : undefined
  const webhook = webhookOf(registry.destinations)
  const backlog = () => readBacklog(stores, folder.log, versions.active?.workspace.settings.retention.diskQuotaBytes)
  const { alerts, stop: stopAlerts } = startAlerts({
    stores,
    versions,
    state,
    webhook,
    deliver: delivering,
    backlog,
    logger,
  })
  undo.push(stopAlerts)
  const control = createServer(
    createControlApi(
      controlDependencies({
        folder,
        stores,
        versions,
        registry,
        alerts,
        backlog,
        children: { writer, deliver: delivering, ingesters },
        loopback: isLoopback(host),
        shutdown: shutdown.signal,
        logger,
      }),
    ),
  )
  await new Promise<void>((resolve) => control.listen(join(sockets, 'control.sock'), resolve))
  undo.push(async () => {
    shutdown.abort()
    const closed = new Promise((resolve) => control.close(resolve))
    control.closeAllConnections()
    await closed
  })

  versions.onApplied((next) => {
    active = next
    const warn = (name: string) => (error: unknown) =>
      logger.error(`version ${next.version} did not reach process "${name}": ${String(error)}`)
    writer.call('writer.apply', writerPlan(next)).catch(warn('writer'))
    if (options.roles.includes('deliver')) deliver.call('deliver.apply', deliveryPlan(next)).catch(warn('deliver'))
    if (!isListening) return
    for (const ingester of ingesters) ingester.call('ingest.apply', ingestPlan(next)).catch(warn(ingester.name))
  })

  isOpen = true
  if (isShared) {
    ingesters.push(writer)
    await listen(writer)
  }
  for (let number = 1; number <= options.ingestProcesses; number++) {
    const ingester = child(`ingest-${number}`, listen)
    await ingester.start()
    ingesters.push(ingester)
    undo.push(() => ingester.stop(15_000))
  }

  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const announcement = join(folder.path, 'server.json')
  await writeFile(`${announcement}.new`, JSON.stringify({ url, pid: process.pid }))
  await rename(`${announcement}.new`, announcement)
  undo.push(() => unlink(announcement).catch(() => undefined))

  const retention = new Retention({
    writer,
    deliver: delivering,
    backlog,
    // Snapshots take turns, so in one of its own nobody else has one.
    alone: (task) => stores.together(task),
    workspace: () => versions.active?.workspace,
    logger,
  })
  retention.start()
  undo.push(() => retention.stop())

  logger.info('ready', { url, data: folder.path, workspaceVersion: active?.version })
  let stopping: Promise<void> | undefined
  return {
    url,
    folder,
    active,
    stop: () => {
      // In reverse: the port closes first, the writer and the deliverer finish what was accepted, then the rest.
      stopping ??= (async () => {
        logger.info('stopping')
        for (const step of undo.toReversed()) await step()
        logger.info('stopped')
      })()
      return stopping
    },
  }
}

const openVersions = async (
  { config }: StartOptions,
  folder: DataFolder,
  stores: Stores,
): Promise<{ versions: WorkspaceVersions; state: SqliteStateStore }> => {
  const state = SqliteStateStore.open({ path: folder.controlState, durable: true })
  const versions = await WorkspaceVersions.open({
    state,
    registry: await loadComponents(),
    env: process.env,
    secretKey: folder.keys.secrets,
    head: async () => ({ block: await stores.log.head(), index: 0 }),
    cursorAt: async (timeMs) => ({ block: await cursorSince(stores.log, stores.resolve, timeMs), index: 0 }),
    backlog: async (id) => {
      const { destinations } = await readLedger(stores, new Map())
      return destinations
        .filter(({ destination }) => destination === id)
        .reduce((sum, { pending }) => sum + pending.waiting + pending.inFlight + pending.parked, 0)
    },
    ...(config !== undefined && { readFile: () => readWorkspaceFile(config) }),
    now: Date.now,
  })
  if (config !== undefined) await versions.reload({ by: `file ${config}` })
  return { versions, state }
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.')
