import { Buffer } from 'node:buffer'
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { QueuedMessage } from '@millrace/sdk-core'
import type { HttpRequest } from './http-client.ts'
import type { ResolvedSettings } from './settings.ts'
import { version } from './version.ts'

const compress = promisify(gzip)

/** Below it compression saves less than a packet. */
const leastCompressedBytes = 1024

/** Makes the request that carries some messages: their JSON as it is, with the time of sending around it. */
export const createRequests = ({ url, writeKey, gzip: isCompressed, timeoutMs }: ResolvedSettings) => {
  const address = url.href
  const constant = {
    'content-type': 'application/json',
    authorization: `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`,
    'user-agent': `millrace-node/${version}`,
  }
  return async (batch: readonly QueuedMessage[]): Promise<HttpRequest> => {
    let text = '{"batch":['
    for (let at = 0; at < batch.length; at++) text += (at === 0 ? '' : ',') + (batch[at]?.json ?? '')
    text += `],"sentAt":"${new Date().toISOString()}"}`
    const headers: Record<string, string> = { ...constant }
    // How often the first of them was sent before; proxies and servers may tell retries from load by it.
    const retries = (batch[0]?.attempts ?? 1) - 1
    if (retries > 0) headers['x-retry-count'] = String(retries)
    let body: HttpRequest['body'] = Buffer.from(text)
    if (isCompressed && body.length >= leastCompressedBytes) {
      body = await compress(body, { level: constants.Z_BEST_SPEED })
      headers['content-encoding'] = 'gzip'
    }
    headers['content-length'] = String(body.length)
    return { url: address, method: 'POST', headers, body, httpRequestTimeout: timeoutMs }
  }
}
