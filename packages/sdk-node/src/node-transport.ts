import * as http from 'node:http'
import * as https from 'node:https'
import type { HttpRequest, Reply, Transport } from './http-client.ts'

const longestText = 1000

/** The server closed a connection that had been idle, at the moment of the request: it hardly saw it, and another one helps. */
const stale = new Error('the server closed the connection twice as it was to be used again')

/**
 * Requests over `node:http`, whose agent keeps connections open: half the processor time of `fetch`.
 *
 * @param connections at the same time
 */
export const createNodeTransport = (url: URL, connections: number): Transport => {
  const { Agent, request: open } = url.protocol === 'https:' ? https : http
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'lifo' })

  const attempt = (sent: HttpRequest): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const { method, headers, body, httpRequestTimeout } = sent
      const outgoing = open(url, { method, headers, agent })
      const timer = setTimeout(() => {
        outgoing.destroy(new Error(`no answer from ${url.origin} within ${httpRequestTimeout} ms`))
      }, httpRequestTimeout)
      const failed = (error: NodeJS.ErrnoException): void => {
        clearTimeout(timer)
        reject(outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE') ? stale : error)
      }
      outgoing.on('error', failed)
      outgoing.on('response', (response) => {
        const status = response.statusCode ?? 0
        const isSuccess = status >= 200 && status < 300
        let text = ''
        response.on('data', (chunk: Buffer) => {
          if (!isSuccess && text.length < longestText) text += chunk.toString().slice(0, longestText)
        })
        response.on('error', failed)
        response.on('end', () => {
          clearTimeout(timer)
          resolve({ status, retryAfter: response.headers['retry-after'] ?? null, text })
        })
      })
      outgoing.end(body)
    })

  const request = async (sent: HttpRequest): Promise<Reply> => {
    try {
      return await attempt(sent)
    } catch (error) {
      if (error === stale) return attempt(sent)
      throw error
    }
  }

  return { request, close: () => agent.destroy() }
}
