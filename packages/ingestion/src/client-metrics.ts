import type { IncomingMessage, ServerResponse } from 'node:http'
import { okBody } from './answer.ts'
import { okHeaders } from './cors.ts'

/**
 * Takes figures that a client library sends about itself: read to the end, forgotten, and answered with 200, because their
 * senders try again otherwise.
 * @param answered hears of the answer
 */
export const takeClientMetrics = (
  request: IncomingMessage,
  response: ServerResponse,
  maxBytes: number,
  answered: () => void,
): void => {
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxBytes) request.socket.destroy()
  })
  request.on('error', () => {})
  request.on('end', () => {
    answered()
    if (response.destroyed) return
    response.writeHead(200, okHeaders(request.headers))
    response.end(okBody)
  })
}
