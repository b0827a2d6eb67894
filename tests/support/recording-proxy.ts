import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { JsonObject } from '@millrace/protocol'
import { bodyOf } from './json-receiver.ts'

export interface RecordedRequest {
  method: string
  path: string
  headers: IncomingHttpHeaders
  /** Parsed, and decompressed when it was compressed. */
  body: JsonObject
  status: number
}

export interface RecordingProxy extends AsyncDisposable {
  readonly url: string
  readonly requests: readonly RecordedRequest[]
}

/** Stands between a client and the server, changes nothing, and keeps what the client really sent. */
export const startRecordingProxy = async (target: string): Promise<RecordingProxy> => {
  const requests: RecordedRequest[] = []
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    const pass = async (): Promise<void> => {
      const body = await bodyOf(request)
      const onward = httpRequest(`${target}${url}`, { method, headers })
      onward.end(body)
      const [answer] = (await once(onward, 'response')) as [IncomingMessage]
      const text = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
      requests.push({
        method,
        path: url,
        headers,
        body: JSON.parse(text.toString()) as JsonObject,
        status: answer.statusCode ?? 0,
      })
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    }
    pass().catch((error: unknown) => response.writeHead(502).end(String(error)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
