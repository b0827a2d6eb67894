/** The Tracking API in a process of its own, with an append that does nothing but take its time. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TrackingApi } from '../src/index.ts'

const api = new TrackingApi({
  append: async () => {
    await new Promise((resolve) => setImmediate(resolve))
  },
  fingerprintKey: new Uint8Array(8),
  onError: console.error,
})
api.setSources([
  {
    id: 'bench',
    name: 'Bench',
    enabled: true,
    writeKeys: ['wk_bench'],
    settings: {
      fillIp: 'auto',
      anonymizeIp: false,
      fillUserAgent: true,
      parseUserAgent: true,
      browserScript: 'segment',
    },
  },
])
const server = createServer(api.serverOptions, (request, response) => api.handle(request, response))
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })))
process.on('message', () => process.send?.(process.cpuUsage()))
process.on('SIGTERM', () => process.exit())
