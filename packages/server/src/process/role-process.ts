import cluster from 'node:cluster'
import { createLogger } from '../logger.ts'
import type { Logger } from '../logger.ts'
import { Rpc } from './rpc.ts'
import type { Handlers } from './rpc.ts'

/** What a role process is started with; it arrives in the environment, because arguments are visible to all. */
export interface RoleOptions {
  role: string
  dataFolder: string
  /** The folder of the sockets between the processes, which only this user may open. */
  sockets: string
  host: string
  port: number
}

/** The name of the environment variable that carries `RoleOptions`. */
export const ROLE_OPTIONS = 'MILLRACE_ROLE_OPTIONS'

/**
 * Runs one role of the server in this process. The supervisor decides when it ends: by the call `stop`, or by dying, which
 * closes the channel. Signals of the terminal reach the whole group and are left to the supervisor.
 */
export const runRole = async (
  start: (options: RoleOptions, logger: Logger) => Promise<{ handlers: Handlers; stop: () => Promise<void> }>,
): Promise<void> => {
  const options = JSON.parse(process.env[ROLE_OPTIONS] ?? '{}') as RoleOptions
  const logger = createLogger(options.role)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
  // Without a supervisor nobody restarts, configures or stops this process.
  process.on('disconnect', () => process.exit(1))
  // The channel breaks before it closes: what is just being sent fails first, and that too means that it is gone.
  cluster.worker?.on('error', () => process.exit(1))
  process.title = `millrace ${options.role}`
  const { handlers, stop } = await start(options, logger)
  Rpc.over(
    {
      send: (message) => {
        if (process.connected) process.send?.(message, ignoreFailure)
      },
      onMessage: (listener) => process.on('message', listener),
    },
    {
      ...handlers,
      memory: () => process.memoryUsage(),
      stop: async () => {
        await stop()
        setImmediate(() => process.exit(0))
      },
    },
  )
  process.send?.({ millrace: 'ready' }, ignoreFailure)
}

/** `disconnect` follows. */
const ignoreFailure = (): void => {}
