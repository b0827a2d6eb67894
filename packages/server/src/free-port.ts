import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

/**
 * A port of `host` that is free now. For `--port 0`: the ingest processes must share one port, and a successor must listen
 * where the process that died did, so it is chosen once, before the first of them starts.
 */
export const freePort = (host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ host, port: 0 }, () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
