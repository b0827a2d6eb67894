import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import type { Problem } from '@millrace/protocol'

type Decoder = (bytes: Buffer, options: { maxOutputLength: number }) => Buffer

const inflate: Decoder = (bytes, options) =>
  // Some clients send deflate without the zlib header that the name stands for.
  ((bytes[0] as number) & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0
    ? inflateSync(bytes, options)
    : inflateRawSync(bytes, options)

const decoders: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['gzip', gunzipSync],
  ['x-gzip', gunzipSync],
  ['deflate', inflate],
  ['br', brotliDecompressSync],
  ['zstd', zstdDecompressSync],
])

/**
 * Undoes `Content-Encoding`. Decompression stops at `maxBytes` of output, so a bomb costs no more than a plain body of
 * that size; it is synchronous because one at a time is what one core can do. A gzip stream without the header that
 * announces it is decoded too: no JSON text begins with its first two bytes.
 */
export const decodeBody = (encoding: string | undefined, body: Buffer, maxBytes: number): Buffer | Problem => {
  const name = encoding === undefined ? '' : encoding.trim().toLowerCase()
  const isBareGzip = body.length > 2 && body[0] === 0x1f && body[1] === 0x8b
  const isPlain = name === '' || name === 'identity'
  if (isPlain && !isBareGzip) return body
  const decoder = decoders.get(isPlain ? 'gzip' : name)
  if (decoder === undefined) {
    return invalid(`Content-Encoding is ${JSON.stringify(name.slice(0, 40))}. Send gzip, deflate, br, zstd or nothing.`)
  }
  if (body.length < 2) return invalid(`The ${name} body is cut short. Send the whole stream.`)
  try {
    return decoder(body, { maxOutputLength: maxBytes })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE') return bodyTooLarge(maxBytes)
    return invalid(
      `The body is no whole ${name || 'gzip'} stream (${code ?? 'unknown'}). Send it uncompressed to compare.`,
    )
  }
}

export const bodyTooLarge = (maxBytes: number): Problem => ({
  code: 'body_too_large',
  path: '',
  reason: `The body has more than ${maxBytes} bytes. Send smaller batches.`,
})

const invalid = (reason: string): Problem => ({ code: 'invalid_encoding', path: '', reason })
