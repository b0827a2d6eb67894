import type { IncomingMessage } from 'node:http'
import { MillraceError } from '@millrace/protocol'

const bodyTimeoutMs = 30_000
const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads a JSON body of at most `maxBytes`. No body is an empty object.
 * @throws {MillraceError} `body_too_large`, `timeout`, `invalid_encoding`, `invalid_utf8` or `invalid_json`.
 */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
  timeoutMs = bodyTimeoutMs,
): Promise<unknown> {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    throw new MillraceError(
      'invalid_encoding',
      `Content-Encoding ${JSON.stringify(encoding)} is not taken here; send the body as it is.`,
    )
  }
  const bytes = await readBytes(request, maxBytes, timeoutMs)
  if (bytes.length === 0) return {}
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch (cause) {
    throw new MillraceError('invalid_utf8', 'The body is not UTF-8; encode it as UTF-8.', { cause })
  }
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new MillraceError('invalid_json', 'The body is not JSON; check how it is built.', { cause })
  }
}

function readBytes(request: IncomingMessage, maxBytes: number, timeoutMs: number): Promise<Buffer> {
  const tooLarge = () =>
    new MillraceError('body_too_large', `The body has more than ${maxBytes} bytes, which is the limit of this route.`)
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const timer = setTimeout(() => {
      fail(new MillraceError('timeout', `The body did not arrive within ${timeoutMs} ms; send it again.`))
    }, timeoutMs)
    const settle = () => {
      clearTimeout(timer)
      request.off('data', take).off('end', end).off('close', leave).off('error', leave)
      // What still comes is thrown away; without a listener an error would end the process.
      request.on('error', () => undefined).resume()
    }
    const fail = (error: MillraceError) => {
      settle()
      reject(error)
    }
    const take = (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBytes) fail(tooLarge())
      else chunks.push(chunk)
    }
    const end = () => {
      settle()
      resolve(Buffer.concat(chunks))
    }
    const leave = () => fail(new MillraceError('timeout', 'The client left before the body was complete.'))
    request.on('data', take).on('end', end).on('close', leave).on('error', leave)
  })
}
