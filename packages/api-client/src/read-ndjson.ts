import { ApiError } from './api-error.ts'

/**
 * The values of a stream of JSON lines, each as soon as its line is complete. Empty lines are heartbeats and are skipped.
 * Throws `ApiError`: `unreadable` for a line that is not JSON, a cut last line included; `interrupted` when the connection
 * broke; `silent` when nothing came for so long that `fetch` gave up. Leaving the loop early cancels the stream.
 */
export async function* readNdjson<T>(body: ReadableStream<Uint8Array>): AsyncGenerator<T, void, undefined> {
  const decoder = new TextDecoder()
  // Pieces of the unfinished line are joined once: a long line in many chunks would else be copied for each.
  let pieces: string[] = []
  for await (const chunk of chunksOf(body)) {
    const text = decoder.decode(chunk, { stream: true })
    let start = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      pieces.push(text.slice(start, end))
      const line = pieces.join('')
      pieces = []
      start = end + 1
      if (line.trim() !== '') yield parse(line) as T
    }
    pieces.push(text.slice(start))
  }
  const rest = pieces.join('') + decoder.decode()
  if (rest.trim() !== '') yield parse(rest) as T
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    const start = line.slice(0, 120)
    throw new ApiError(
      { code: 'unreadable', status: 200, message: `The stream ended or broke within a line: ${start}. Ask again.` },
      { cause },
    )
  }
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    const isSilence = cause instanceof Error && codeOf(cause.cause) === 'UND_ERR_BODY_TIMEOUT'
    throw new ApiError(
      isSilence
        ? { code: 'silent', status: 200, message: 'The server sent nothing for too long. Ask again.' }
        : { code: 'interrupted', status: 200, message: 'The connection to the server broke. Is it still running?' },
      { cause },
    )
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)
