import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JsonObject } from '@millrace/protocol'

export interface JsonReceiver extends AsyncDisposable {
  readonly url: string
  /** All messages of all requests, whole, in order. */
  readonly messages: readonly JsonObject[]
}

/** A receiver for the webhook destination that keeps whole messages; each body is one, or a list of them. */
export const startJsonReceiver = async (): Promise<JsonReceiver> => {
  const messages: JsonObject[] = []
  const server = createServer((request, response) => {
    const take = async (): Promise<void> => {
      const body = JSON.parse((await bodyOf(request)).toString()) as JsonObject | JsonObject[]
      messages.push(...(Array.isArray(body) ? body : [body]))
      response.writeHead(200).end()
    }
    take().catch((error: unknown) => response.writeHead(400).end(String(error)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    messages,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

export const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
