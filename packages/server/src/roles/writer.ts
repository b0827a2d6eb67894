import { join } from 'node:path'
import { listenForBlocks } from '../append/append-server.ts'
import { openDataFolder } from '../data-folder.ts'
import { runRole } from '../process/role-process.ts'
import { openLogWriter } from './log-writer.ts'

/** A process that owns the log and takes blocks from ingest processes. */
await runRole(async ({ dataFolder, sockets }, logger) => {
  const writer = await openLogWriter(await openDataFolder(dataFolder), logger)
  const server = await listenForBlocks(writer.append, join(sockets, 'writer.sock'))
  return {
    handlers: writer.handlers,
    stop: async () => {
      server.close()
      await writer.stop()
    },
  }
})
