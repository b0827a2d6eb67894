import { request } from 'node:http'
import type { Agent } from 'node:http'

export interface PostAnswer {
  status: number
  headers: NodeJS.Dict<string | string[]>
  body: string
}

export interface PostOptions {
  writeKey?: string
  headers?: Readonly<Record<string, string>>
  agent?: Agent
  /** For the whole exchange. Default 10 s. */
  timeoutMs?: number
}

/** Sends one request of the Tracking API. Rejects when the connection breaks or the time is over. */
export const post = (url: string, body: string | Buffer, options: PostOptions = {}): Promise<PostAnswer> =>
  new Promise((resolve, reject) => {
    const { writeKey, agent, timeoutMs = 10_000 } = options
    const sent = request(
      url,
      {
        method: 'POST',
        ...(agent !== undefined && { agent }),
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...(writeKey !== undefined && { authorization: `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}` }),
          ...options.headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
