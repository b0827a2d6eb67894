import { ApiError } from '@millrace/api-client'
import type { PathError } from '@millrace/protocol'
import { setTimeout as sleep } from 'node:timers/promises'
import { CommandFailure } from './failure.ts'

export interface TrackingClientOptions {
  url: string
  writeKey: string
  signal: AbortSignal
}

const maxAttempts = 6
const maxRetryAfterSeconds = 30

/**
 * Posts to the Tracking API in strict mode. A server that asks to wait (429, 503) is asked again as it says, six times at
 * most; any other refusal is thrown as `ApiError` with its paths.
 */
export class TrackingClient {
  readonly #options: TrackingClientOptions

  constructor(options: TrackingClientOptions) {
    this.#options = options
  }

  async post(path: string, body: unknown): Promise<void> {
    const text = JSON.stringify(body)
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.#send(path, text)
      const answer = await response.text()
      if (response.ok) return
      const isWorthWaiting = response.status === 429 || response.status === 503
      if (!isWorthWaiting || attempt === maxAttempts) throw refusal(response.status, answer, path)
      const seconds = Number(response.headers.get('retry-after') ?? 1)
      await sleep(1000 * Math.min(maxRetryAfterSeconds, seconds >= 0 ? seconds : 1), undefined, {
        signal: this.#options.signal,
      })
    }
  }

  async #send(path: string, body: string): Promise<Response> {
    const { url, writeKey, signal } = this.#options
    const authorization = `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`
    try {
      return await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', 'x-strict-mode': '1' },
        body,
        signal,
      })
    } catch (cause) {
      if (signal.aborted) throw cause
      throw new ApiError({ code: 'unreachable', status: 0, message: `No server answers at ${url}.` }, { cause })
    }
  }
}

function refusal(status: number, answer: string, path: string): ApiError | CommandFailure {
  try {
    const { code, message, errors } = JSON.parse(answer) as { code?: string; message?: string; errors?: PathError[] }
    if (typeof code === 'string' && typeof message === 'string') {
      // A refused write key is not the admin token, so it must not get the remedy of that one.
      return new ApiError({
        code: code === 'unauthorized' ? 'unknown_write_key' : code,
        status,
        message,
        errors: errors ?? [],
      })
    }
  } catch {
    // Not ours; said below.
  }
  return new CommandFailure(`${path} answered ${status}: ${answer.slice(0, 200)}. Is this a Millrace server?`)
}
