import { join } from 'node:path'
import { openDataFolder } from '../data-folder.ts'
import { runRole } from '../process/role-process.ts'
import { openLogWriter } from './log-writer.ts'
import { openTrackingServer } from './tracking-server.ts'

/**
 * A process that both listens and owns the log: for machines with few processors, where handing blocks from one process to
 * another would cost more than it gains.
 */
await runRole(async ({ dataFolder, sockets, host, port }, logger) => {
  const folder = await openDataFolder(dataFolder)
  const writer = await openLogWriter(folder, logger)
  const server = openTrackingServer({
    append: writer.append,
    keys: folder.keys,
    controlSocket: join(sockets, 'control.sock'),
    host,
    port,
    logger,
  })
  return {
    handlers: { ...writer.handlers, ...server.handlers },
    stop: async () => {
      await server.stop()
      await writer.stop()
    },
  }
})
