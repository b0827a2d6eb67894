import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { MillraceError } from '@millrace/protocol'
import { ndjson } from './route.ts'
import type { Answer } from './route.ts'

/** On every answer: it is data, for this client, now. */
const securityHeaders = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
}

/** Sends an answer. Of lines it resolves after the last one, or when the client is gone. */
export async function sendAnswer(response: ServerResponse, answer: Answer, signal: AbortSignal): Promise<void> {
  if (answer.kind === 'lines') return sendLines(response, answer.values, signal)
  const isJson = answer.kind === 'json'
  const body = isJson ? JSON.stringify(answer.value) : answer.value
  const contentType = isJson ? 'application/json; charset=utf-8' : answer.contentType
  send(response, isJson ? (answer.status ?? 200) : 200, { 'content-type': contentType }, body)
}

export function sendError(response: ServerResponse, known: MillraceError): void {
  const more = {
    ...(known.code === 'unauthorized' && { 'www-authenticate': 'Bearer' }),
    ...(known.status === 503 && { 'retry-after': '5' }),
    // A body that was not read to its end would be taken for the next request.
    ...((known.code === 'body_too_large' || known.code === 'timeout') && { connection: 'close' }),
  }
  send(response, known.status, { 'content-type': 'application/json; charset=utf-8', ...more }, JSON.stringify(known))
}

/** Of anything but a `MillraceError` the answer says only that there was one. */
export const asMillraceError = (error: unknown): MillraceError =>
  error instanceof MillraceError
    ? error
    : new MillraceError('internal', 'Something went wrong in Millrace; its log has the cause.', { cause: error })

function send(response: ServerResponse, status: number, headers: { [name: string]: string }, body: string): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, { ...securityHeaders, ...headers, 'content-length': bytes.length })
  response.end(bytes)
}

/**
 * One JSON value a line. Waits while the client does not read. What fails after the first line cannot be a status any
 * more: the last line is then `{ "error": { code, message } }`.
 */
async function sendLines(response: ServerResponse, values: AsyncIterable<unknown>, signal: AbortSignal): Promise<void> {
  response.writeHead(200, { ...securityHeaders, 'content-type': ndjson })
  response.flushHeaders()
  try {
    for await (const value of values) {
      if (signal.aborted) break
      if (!response.write(`${JSON.stringify(value)}\n`)) await once(response, 'drain', { signal })
    }
  } catch (error) {
    if (signal.aborted) return
    response.end(`${JSON.stringify({ error: asMillraceError(error) })}\n`)
    throw error
  } finally {
    if (!response.writableEnded) response.end()
  }
}
