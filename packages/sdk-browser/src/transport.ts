import type { Answer, QueuedMessage, Runtime } from '@millrace/sdk-core'
import type { PageWindow } from './dom.ts'

/** What browsers let all keepalive requests of a page hold together, less what we may not see of it. */
const maxKeepaliveBytes = 60_000
const timeoutMs = 15_000
/** Around the messages of a batch. */
const frameBytes = 300
/** Every batch is one that may outlive the page. */
export const batchLimits = { messages: 500, bytes: maxKeepaliveBytes - frameBytes }

export interface Transport {
  send: (batch: readonly QueuedMessage[]) => Promise<Answer>
  /** What a request that outlives the page may still hold. */
  keepaliveBytes: () => number
}

/**
 * Posts batches. `text/plain` with the write key in the body is what a browser sends to another origin without asking
 * leave first. A request that fits is one that outlives the page.
 */
export const createTransport = (win: PageWindow, url: string, writeKey: string, runtime: Runtime): Transport => {
  let held = 0
  return {
    keepaliveBytes: () => maxKeepaliveBytes - held - frameBytes,
    send: async (batch) => {
      const body = `{"batch":[${batch.map(({ json }) => json).join()}],"writeKey":${JSON.stringify(writeKey)},"sentAt":"${new Date(runtime.now()).toISOString()}"}`
      const bytes = batch.reduce((sum, message) => sum + message.bytes + 1, frameBytes)
      const keepalive = held + bytes <= maxKeepaliveBytes
      if (keepalive) held += bytes
      const abort = new AbortController()
      const timer = runtime.setTimer(() => abort.abort(), timeoutMs)
      try {
        const { status, headers } = await win.fetch(url, {
          method: 'POST',
          body,
          headers: { 'Content-Type': 'text/plain' },
          keepalive,
          signal: abort.signal,
        })
        return { status, retryAfter: headers.get('Retry-After') }
      } finally {
        runtime.clearTimer(timer)
        if (keepalive) held -= bytes
      }
    },
  }
}
