import type { IncomingHttpHeaders } from 'node:http'
import { okBody } from './answer.ts'

/**
 * Pages of any origin may send: what protects a source is its write key, no cookie is read. With an Origin it is reflected
 * and credentials are allowed, because clients that are set to `credentials: 'include'` cannot use `*`, and a preflight does
 * not say which kind it is for. Retry-After is exposed, or clients in browsers could not read it.
 */
const originPattern = /^[\x21-\x7e]{1,512}$/
const headerNamesPattern = /^[\w!#$%&'*+.^`|~ ,-]{1,2048}$/

/** Headers as a flat list of names and values: what `writeHead` takes at the least cost. */
export const corsHeaders = (headers: IncomingHttpHeaders): string[] => {
  const { origin } = headers
  if (origin === undefined || !originPattern.test(origin)) {
    return ['Access-Control-Allow-Origin', '*', 'Access-Control-Expose-Headers', 'Retry-After']
  }
  return [
    'Access-Control-Allow-Origin',
    origin,
    'Access-Control-Allow-Credentials',
    'true',
    'Access-Control-Expose-Headers',
    'Retry-After',
    'Vary',
    'Origin',
  ]
}

/**
 * The answer to a preflight. The headers asked for are echoed: by the Fetch standard `*` would leave out Authorization.
 */
export const preflightHeaders = (headers: IncomingHttpHeaders): string[] => {
  const asked = headers['access-control-request-headers']
  const list = [
    ...corsHeaders(headers),
    'Access-Control-Allow-Methods',
    'GET, HEAD, POST, OPTIONS',
    'Access-Control-Max-Age',
    '7200',
    'Content-Length',
    '0',
  ]
  if (typeof asked === 'string' && headerNamesPattern.test(asked)) list.push('Access-Control-Allow-Headers', asked)
  return list
}

const jsonHeaders = ['Content-Type', 'application/json', 'Content-Length']
const plainOkHeaders = [...jsonHeaders, String(okBody.length), ...corsHeaders({})]

export const okHeaders = (headers: IncomingHttpHeaders): string[] =>
  headers.origin === undefined ? plainOkHeaders : [...jsonHeaders, String(okBody.length), ...corsHeaders(headers)]

export const errorHeaders = (headers: IncomingHttpHeaders, bodyBytes: number): string[] => [
  ...jsonHeaders,
  String(bodyBytes),
  ...corsHeaders(headers),
]
