/**
 * The pipe between session and child carries frames in both directions:
 *
 *     u32 length of head, u32 length of body (little endian), head (JSON), body (bytes; lines of JSON for a load)
 *
 * One request is under way at a time, and each gets one response.
 */
export interface Frame<Head> {
  head: Head
  body: Buffer
}

export type Request =
  | { op: 'cursor' }
  | {
      op: 'load'
      next: { block: number; index: number }
      schemas: readonly (readonly [schema: string, count: number])[]
    }
  | { op: 'query'; sql: string; maxRows: number; timeoutMs: number }
  | { op: 'close' }

export type Response = { ok: true; result?: unknown } | { ok: false; message: string }

const prefixBytes = 8

/** The parts of a frame, to be written in this order. */
export const encodeFrame = (head: Request | Response, body: Buffer = Buffer.alloc(0)): Buffer[] => {
  const headBytes = Buffer.from(JSON.stringify(head))
  const prefix = Buffer.alloc(prefixBytes)
  prefix.writeUInt32LE(headBytes.length, 0)
  prefix.writeUInt32LE(body.length, 4)
  return [prefix, headBytes, body]
}

/** Cuts a stream of bytes into frames. */
export class FrameReader<Head> {
  #chunks: Buffer[] = []
  #bytes = 0

  /** Takes what arrived and gives the frames that it completes. */
  push(chunk: Buffer): Frame<Head>[] {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    const frames: Frame<Head>[] = []
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame)
    return frames
  }

  #next(): Frame<Head> | undefined {
    if (this.#bytes < prefixBytes) return undefined
    const prefix = this.#peek(prefixBytes)
    const headEnd = prefixBytes + prefix.readUInt32LE(0)
    const end = headEnd + prefix.readUInt32LE(4)
    if (this.#bytes < end) return undefined
    const all = this.#peek(end)
    const head = JSON.parse(all.toString('utf8', prefixBytes, headEnd)) as Head
    this.#chunks[0] = all.subarray(end)
    this.#bytes -= end
    return { head, body: all.subarray(headEnd, end) }
  }

  /** The first chunk, joined with the following ones only when it is too short. */
  #peek(length: number): Buffer {
    const first = this.#chunks[0]
    if (first !== undefined && first.length >= length) return first
    const joined = Buffer.concat(this.#chunks)
    this.#chunks = [joined]
    return joined
  }
}
