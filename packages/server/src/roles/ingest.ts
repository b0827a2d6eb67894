import { join } from 'node:path'
import { AppendClient } from '../append/append-client.ts'
import { openDataFolder } from '../data-folder.ts'
import { runRole } from '../process/role-process.ts'
import { openTrackingServer } from './tracking-server.ts'

/** A process that listens and hands blocks to the writer. Several share the port. */
await runRole(async ({ dataFolder, sockets, host, port }, logger) => {
  const { keys } = await openDataFolder(dataFolder)
  const writer = new AppendClient(join(sockets, 'writer.sock'))
  const server = openTrackingServer({
    append: (block) => writer.append(block),
    keys,
    controlSocket: join(sockets, 'control.sock'),
    host,
    port,
    logger,
  })
  return {
    handlers: server.handlers,
    stop: async () => {
      await server.stop()
      writer.close()
    },
  }
})
