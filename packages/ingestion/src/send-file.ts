import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServedFile } from './browser-scripts.ts'

/**
 * Answers GET or HEAD with a file: 304 when the client has it already, compressed when the client takes gzip. Pages of any
 * origin may read it, and no browser takes it for another type than it says.
 * @param varies names of request headers that the bytes depend on, beside Accept-Encoding
 */
export const sendFile = (
  request: IncomingMessage,
  response: ServerResponse,
  file: ServedFile,
  cacheControl: string,
  varies: readonly string[] = [],
): void => {
  const { method, headers } = request
  const gzip = file.gzip !== undefined && takesGzip(headers['accept-encoding']) ? file.gzip : undefined
  // Two encodings are two representations, and each needs a tag of its own.
  const etag = `"${file.etag}${gzip === undefined ? '' : '-gz'}"`
  const vary = [...(file.gzip === undefined ? [] : ['Accept-Encoding']), ...varies]
  const list = ['Cache-Control', cacheControl, 'ETag', etag, ...openHeaders]
  if (vary.length > 0) list.push('Vary', vary.join(', '))
  if (hasTag(headers['if-none-match'], etag)) {
    response.writeHead(304, list)
    response.end()
    return
  }
  const bytes = gzip ?? file.bytes
  if (gzip !== undefined) list.push('Content-Encoding', 'gzip')
  list.push('Content-Type', file.contentType, 'Content-Length', String(bytes.length))
  response.writeHead(200, list)
  response.end(method === 'HEAD' ? undefined : bytes)
}

/** `*` serves all who send no credentials, and nothing here is for one person. */
const openHeaders = [
  'Access-Control-Allow-Origin',
  '*',
  'Cross-Origin-Resource-Policy',
  'cross-origin',
  'X-Content-Type-Options',
  'nosniff',
]

const takesGzip = (accepted: string | string[] | undefined): boolean =>
  typeof accepted === 'string' &&
  accepted.split(',').some((entry) => /^\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(entry))

/** Whether If-None-Match names the tag; it compares weakly. */
const hasTag = (value: string | undefined, etag: string): boolean =>
  value !== undefined && value.split(',').some((entry) => ['*', etag, `W/${etag}`].includes(entry.trim()))
