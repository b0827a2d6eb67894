import { Agent, get } from 'node:http'
import { createServer } from 'node:net'
import { startReceiverProcess } from '@millrace/testkit'
import type { ReceiverProcess } from '@millrace/testkit'

/** Messages that a counting receiver has got, asked over one kept connection. */
export const startCounter = (port: number): { messages: () => Promise<number>; close: () => void } => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return {
    messages: () =>
      new Promise((resolve, reject) => {
        const request = get({ port, host: '127.0.0.1', path: '/counts', agent }, (response) => {
          let text = ''
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
          response.on('end', () => resolve((JSON.parse(text) as { messages: number }).messages))
          response.on('error', reject)
        })
        request.on('error', reject)
      }),
    close: () => agent.destroy(),
  }
}

export const startReceiver = (port = 0, delayMs = 0): Promise<ReceiverProcess> =>
  startReceiverProcess({ counting: true, port, delayMs })

/** A port on which nobody listens, for a receiver that comes later. */
export const unusedPort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port)
        else reject(new Error('the system gave no port'))
      })
    })
  })

/** A webhook in batches of fifty. A receiver that is down is tried again soon, so that a drain starts when it comes up. */
export const webhook = (port: number, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  type: 'webhook',
  sources: ['web'],
  settings: { url: `http://127.0.0.1:${port}/in`, batchSize: 50 },
  delivery: { firstRetryDelayMs: 100, maxRetryDelayMs: 200 },
  ...more,
})
