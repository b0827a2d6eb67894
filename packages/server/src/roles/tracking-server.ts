import { createServer, request as httpRequest } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { TrackingApi } from '@millrace/ingestion'
import type { IngestSource, Limits } from '@millrace/ingestion'
import { readBrowserScripts } from '../browser-scripts/browser-scripts.ts'
import type { FolderKeys } from '../data-folder.ts'
import type { Logger } from '../logger.ts'
import type { Handlers } from '../process/rpc.ts'
import { refuseConnection } from './refuse-connection.ts'

/** What ingestion needs of a version of the workspace. */
export interface IngestPlan {
  sources: readonly IngestSource[]
  limits: Partial<Limits>
  trustedProxies: readonly string[]
  publicUrl: string | undefined
}

export interface TrackingServerOptions {
  /** Resolves once the block is durable. */
  append: (block: Uint8Array) => Promise<void>
  keys: FolderKeys
  /** Where requests go that are not for the Tracking API. */
  controlSocket: string
  host: string
  port: number
  logger: Logger
}

/** The part of the server that listens: it serves the Tracking API and passes everything else on to the control process. */
export const openTrackingServer = (
  options: TrackingServerOptions,
): { handlers: Handlers; stop: () => Promise<void> } => {
  const { append, keys, controlSocket, host, port, logger } = options
  let api: TrackingApi | undefined
  let planned = ''
  const browserScripts = readBrowserScripts()

  const server = createServer({ requestTimeout: 60_000, headersTimeout: 20_000, keepAliveTimeout: 65_000 })
  server.on('request', (request, response) => {
    const { method = 'GET', url = '/' } = request
    const query = url.indexOf('?')
    const path = query === -1 ? url : url.slice(0, query)
    if (path === '/healthz') answerHealth(response)
    else if (api?.matches(method, path) === true) api.handle(request, response)
    else passOn(request, response, controlSocket)
  })
  server.on('clientError', refuseConnection)

  return {
    handlers: {
      'ingest.apply': ({ sources, limits, trustedProxies, publicUrl }: IngestPlan) => {
        // All but the sources is fixed for the life of a TrackingApi; requests under way end with the one they began with.
        const plan = JSON.stringify({ limits, trustedProxies, publicUrl })
        if (api === undefined || plan !== planned) {
          planned = plan
          api = new TrackingApi({
            append,
            fingerprintKey: keys.fingerprint,
            limits,
            trustedProxies,
            ...(publicUrl !== undefined && { publicUrl }),
            browserScripts,
            onError: (error) => logger.warn(String(error)),
          })
        }
        api.setSources(sources)
      },
      'ingest.listen': async () => {
        if (server.listening) return
        await new Promise<void>((resolve, reject) => {
          server.once('error', reject)
          server.listen({ host, port }, resolve)
        })
      },
      'ingest.metrics': () => api?.metrics(),
    },
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      await api?.drain()
      server.closeIdleConnections()
      setTimeout(() => server.closeAllConnections(), 2_000).unref()
      await closed
    },
  }
}

const answerHealth = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 15 })
  response.end('{"status":"ok"}')
}

/** The API and the console are served by one process, however many ingest. */
const passOn = (request: IncomingMessage, response: ServerResponse, socketPath: string): void => {
  const onward = httpRequest(
    { socketPath, method: request.method, path: request.url, headers: request.headers },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    },
  )
  onward.on('error', () => {
    if (response.headersSent) {
      response.destroy()
      return
    }
    response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' })
    response.end('{"code":"unavailable","message":"The control process is starting; try again."}')
  })
  response.on('close', () => onward.destroy())
  request.pipe(onward)
}
