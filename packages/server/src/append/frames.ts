/**
 * What ingest processes and the log writer say to each other over a local socket, little endian:
 *
 *   append = bytes:u32 id:u32 block          ingest → writer
 *   answer = id:u32 status:u8                writer → ingest     status 0: durable, 1: not stored
 */
export const APPEND_HEADER_BYTES = 8
export const ANSWER_BYTES = 5
export const STORED = 0
export const NOT_STORED = 1
/** Nothing legitimate is larger: a body has a limit far below it. */
export const MAX_BLOCK_BYTES = 256 * 1024 * 1024

/** Cuts a stream into pieces of known length without copying what arrives whole. */
export class PieceReader {
  #chunks: Buffer[] = []
  #bytes = 0

  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
  }

  get available(): number {
    return this.#bytes
  }

  /** The next `bytes` bytes without taking them; undefined while they have not arrived. */
  peek(bytes: number): Buffer | undefined {
    if (this.#bytes < bytes) return undefined
    let first = this.#chunks[0] as Buffer
    if (first.length < bytes) {
      first = Buffer.concat(this.#chunks)
      this.#chunks = [first]
    }
    return first.subarray(0, bytes)
  }

  take(bytes: number): Buffer | undefined {
    const piece = this.peek(bytes)
    if (piece === undefined) return undefined
    const first = this.#chunks[0] as Buffer
    if (first.length === bytes) this.#chunks.shift()
    else this.#chunks[0] = first.subarray(bytes)
    this.#bytes -= bytes
    return piece
  }
}
