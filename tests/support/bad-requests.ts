import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { head } from './raw-request.ts'
import type { RawOptions } from './raw-request.ts'

/** One request that is not as it should be, with the answer that is documented for it. */
export interface BadRequest {
  what: string
  bytes: Buffer
  status: number
  /** The code of the stored rejection; absent when the messages are accepted, or the request is none of the Tracking API's. */
  code?: string
  /** Messages of it that are accepted all the same. */
  accepted?: readonly string[]
  /** The longest that the answer may take. Default 5 s: at once, on a busy machine. */
  withinMs?: number
  send?: RawOptions
}

const basic = (key: string): string => `Basic ${Buffer.from(`${key}:`).toString('base64')}`

interface Headers {
  [name: string]: string | number
}

const request = (path: string, body: string | Buffer, headers: Headers = {}, key = 'wk_web'): Buffer => {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const all = {
    authorization: basic(key),
    'content-type': 'application/json',
    'content-length': bytes.length,
    ...headers,
  }
  return Buffer.concat([Buffer.from(head(path, all)), bytes])
}

const track = (messageId: string, rest = ''): string =>
  `{"type":"track","userId":"u","event":"Odd","messageId":"${messageId}"${rest}}`

const megabyte = 1024 * 1024
const tenMegabytes = Buffer.alloc(10 * megabyte, 'x')
const gzipBomb = gzipSync(Buffer.alloc(100 * megabyte), { level: 1 })
const brotliBomb = brotliCompressSync(Buffer.alloc(100 * megabyte), {
  params: { [constants.BROTLI_PARAM_QUALITY]: 1 },
})

/** @param run makes the ids of accepted messages unique. @param bodyTimeoutMs the server's own limit. */
export const badRequests = (run: string, bodyTimeoutMs: number): BadRequest[] => {
  const id = (name: string): string => `bad-${name}-${run}`
  const levels = 10_000
  const slow = request('/v1/track', track('slow'))
  const chunked = { 'transfer-encoding': 'chunked', authorization: basic('wk_web') }
  return [
    // Not JSON.
    { what: 'a cut object', bytes: request('/v1/track', '{"userId":"u"'), status: 400, code: 'invalid_json' },
    { what: 'an empty body', bytes: request('/v1/track', ''), status: 400, code: 'invalid_json' },
    { what: 'NaN', bytes: request('/v1/batch', '{"batch":[NaN]}'), status: 400, code: 'invalid_json' },
    {
      what: 'bytes that are no UTF-8',
      bytes: request('/v1/track', Buffer.from('7b2261223a22fffe227d', 'hex')),
      status: 400,
      code: 'invalid_utf8',
    },
    // JSON of wrong types: 200, and kept as a rejection.
    ...['[]', '"text"', '42', 'null'].map((body) => ({
      what: `the body ${body}`,
      bytes: request('/v1/track', body),
      status: 200,
      code: 'not_an_object',
    })),
    { what: 'a batch that is no list', bytes: request('/v1/batch', '{"batch":{}}'), status: 200, code: 'no_batch' },
    {
      what: 'wrong types beside a good message',
      bytes: request('/v1/batch', `{"batch":[1,null,[],{"type":7},${track(id('beside'))}]}`),
      status: 200,
      code: 'unknown_type',
      accepted: [id('beside')],
    },
    { what: 'nobody', bytes: request('/v1/track', '{"event":"A"}'), status: 200, code: 'no_identity' },
    {
      what: 'an event that is an object',
      bytes: request('/v1/track', '{"userId":"u","event":{}}'),
      status: 200,
      code: 'invalid_event',
    },
    // Deep, huge, odd.
    {
      what: '10,000 levels of lists',
      bytes: request(
        '/v1/track',
        `{"userId":"u","event":"Deep","properties":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`,
      ),
      status: 200,
      code: 'too_deep',
    },
    {
      what: 'huge numbers',
      bytes: request('/v1/track', track(id('numbers'), `,"properties":{"a":1e999,"b":-1e-999,"c":${'9'.repeat(400)}}`)),
      status: 200,
      accepted: [id('numbers')],
    },
    {
      what: 'lone surrogates',
      bytes: request('/v1/track', track(id('surrogates'), ',"properties":{"a":"\\ud800","\\udfff":1}')),
      status: 200,
      accepted: [id('surrogates')],
    },
    {
      what: '__proto__ and constructor',
      bytes: request(
        '/v1/track',
        track(
          id('proto'),
          ',"__proto__":{"a":1},"properties":{"__proto__":{"polluted":1},"constructor":{"prototype":2}}',
        ),
      ),
      status: 200,
      accepted: [id('proto')],
    },
    {
      what: 'duplicate keys',
      bytes: request('/v1/track', track(id('duplicate'), ',"properties":{"a":1,"a":2},"userId":"v"')),
      status: 200,
      accepted: [id('duplicate')],
    },
    {
      what: 'a message over its size',
      bytes: request('/v1/track', track('large', `,"properties":{"a":"${'x'.repeat(40_000)}"}`)),
      status: 200,
      code: 'message_too_large',
    },
    {
      what: 'a batch of 2,501 messages',
      bytes: request('/v1/batch', `{"batch":[${Array.from({ length: 2501 }, () => '{}').join(',')}]}`),
      status: 400,
      code: 'batch_too_large',
    },
    // Encodings.
    {
      what: 'a gzip bomb',
      bytes: request('/v1/batch', gzipBomb, { 'content-encoding': 'gzip' }),
      status: 413,
      code: 'body_too_large',
    },
    {
      what: 'a brotli bomb',
      bytes: request('/v1/batch', brotliBomb, { 'content-encoding': 'br' }),
      status: 413,
      code: 'body_too_large',
    },
    {
      what: 'a truncated gzip stream',
      bytes: request('/v1/track', gzipSync(track('cut')).subarray(0, 40), { 'content-encoding': 'gzip' }),
      status: 400,
      code: 'invalid_encoding',
    },
    {
      what: 'an unknown encoding',
      bytes: request('/v1/track', track('cut'), { 'content-encoding': 'lzma' }),
      status: 400,
      code: 'invalid_encoding',
    },
    // Sizes and lengths.
    { what: 'a body of 10 MB', bytes: request('/v1/batch', tenMegabytes), status: 413, code: 'body_too_large' },
    {
      what: 'a chunked body of 10 MB',
      bytes: Buffer.concat([
        Buffer.from(`${head('/v1/batch', chunked)}${tenMegabytes.length.toString(16)}\r\n`),
        tenMegabytes,
        Buffer.from('\r\n0\r\n\r\n'),
      ]),
      status: 413,
      code: 'body_too_large',
    },
    {
      what: 'a content length that is too long, and the client is gone',
      bytes: request('/v1/track', track('short'), { 'content-length': 5000 }),
      status: 400,
      send: { end: true },
    },
    {
      what: 'a content length that is no number',
      bytes: request('/v1/track', '{}', { 'content-length': 'x' }),
      status: 400,
    },
    {
      what: 'a content length and chunks',
      bytes: request('/v1/track', '{}', { 'transfer-encoding': 'chunked' }),
      status: 400,
    },
    {
      what: 'no HTTP at all',
      bytes: Buffer.from('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n'),
      status: 400,
    },
    {
      what: 'headers of 64 KB',
      bytes: request('/v1/track', track('headers'), { 'x-long': 'x'.repeat(65_536) }),
      status: 431,
    },
    {
      what: 'a slow body',
      bytes: slow,
      status: 408,
      withinMs: bodyTimeoutMs + 5_000,
      send: { onlyBytes: slow.length - 10 },
    },
    // Keys.
    {
      what: 'no write key',
      bytes: request('/v1/track', track('nokey'), { authorization: '' }),
      status: 401,
      code: 'no_write_key',
    },
    {
      what: 'an unknown write key',
      bytes: request('/v1/track', track('unknown'), {}, 'wk_nobody'),
      status: 401,
      code: 'unknown_write_key',
    },
    {
      what: 'the key of a disabled source',
      bytes: request('/v1/track', track('disabled'), {}, 'wk_off'),
      status: 200,
      code: 'source_disabled',
    },
    {
      what: 'strict mode',
      bytes: request('/v1/batch', `{"batch":[${track('strict')},{}]}`, { 'x-strict-mode': '1' }),
      status: 400,
      code: 'unknown_type',
    },
    { what: 'an unknown route', bytes: request('/v1/nothing', '{}'), status: 404 },
  ]
}
