import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { TrackingApi } from '@millrace/ingestion'
import { FileEventLog } from '@millrace/storage/engines'

/**
 * Ingestion and the log in one process, with an engine that keeps its promise or one of several that do not:
 *
 *   node ingestion-process.ts FOLDER sound|never-syncs|does-not-wait
 *
 * Prints `{"port":…}`; ends when its standard input does.
 */
const [folder = '', engine = 'sound'] = process.argv.slice(2)
type Sync = NonNullable<Parameters<typeof FileEventLog.open>[0]['sync']>
const broken: Record<string, Sync> = {
  'never-syncs': async () => {},
  'does-not-wait': (file) => {
    void file.datasync()
    return Promise.resolve()
  },
}
const sync = broken[engine]
const log = await FileEventLog.open({ directory: join(folder, 'log'), ...(sync !== undefined && { sync }) })
const api = new TrackingApi({
  append: async (block) => {
    await log.append([block])
  },
  fingerprintKey: Buffer.alloc(8, 7),
})
api.setSources([
  {
    id: 'web',
    name: 'web',
    enabled: true,
    writeKeys: ['wk_web'],
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
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`)
})
process.stdin.resume().on('end', () => process.exit(0))
