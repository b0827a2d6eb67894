import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { LogCorruptError } from '../../event-log.ts'
import type { LogBlock, LogReader, Offset } from '../../event-log.ts'
import { FRAME_HEADER_BYTES, readFrame } from './frame.ts'
import { HeadFileReader } from './head-file.ts'
import type { LogEnd } from './head-file.ts'
import { listSegments, segmentOf, segmentPath } from './segments.ts'

/** Reads a log that this or another process writes. It holds one segment open and no blocks in memory. */
export class FileLogReader implements LogReader {
  readonly #directory: string
  readonly #readEnd: () => Promise<LogEnd>
  readonly #closeHead: () => Promise<void>
  #segments: Offset[] = []
  #open: { base: Offset; handle: FileHandle } | undefined
  /** Reads take turns: they share the open segment. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(directory: string, readEnd: () => Promise<LogEnd>, closeHead: () => Promise<void> = async () => {}) {
    this.#directory = directory
    this.#readEnd = readEnd
    this.#closeHead = closeHead
  }

  static async open(directory: string): Promise<FileLogReader> {
    const head = await HeadFileReader.open(directory)
    return new FileLogReader(
      directory,
      async () => (await head.read()) ?? { head: 0, lastSegment: 0 },
      () => head.close(),
    )
  }

  async head(): Promise<Offset> {
    return (await this.#readEnd()).head
  }

  async tail(): Promise<Offset> {
    const { head } = await this.#readEnd()
    this.#segments = await listSegments(this.#directory)
    return Math.min(this.#segments[0] ?? head, head)
  }

  read(from: Offset, maxBytes: number): Promise<readonly LogBlock[]> {
    return this.#inTurn(() => this.#read(from, maxBytes))
  }

  /**
   * Lets go of segments before `tail`, which were removed. A reader in another process is not told: it may go on in the
   * segment that it holds open, and its space is free only once it has moved on.
   */
  forgetBefore(tail: Offset): Promise<void> {
    return this.#inTurn(async () => {
      this.#segments = this.#segments.filter((base) => base >= tail)
      if (this.#open !== undefined && this.#open.base < tail) {
        await this.#open.handle.close()
        this.#open = undefined
      }
    })
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(act)
    this.#turn = result.catch(() => undefined)
    return result
  }

  async #read(from: Offset, maxBytes: number): Promise<readonly LogBlock[]> {
    const { head, lastSegment } = await this.#readEnd()
    if (from > head) throw new RangeError(`offset ${from} is after the head of the log, ${head}`)
    if (from === head) return []
    // Others may have followed since the list was made.
    if (this.#segments.at(-1) !== lastSegment) {
      this.#segments = await listSegments(this.#directory)
    }
    let base = segmentOf(this.#segments, from)
    let handle = base === undefined ? undefined : await this.#handleOf(base)
    if (handle === undefined || base === undefined) {
      // Retention removed it meanwhile: go on at what is now the oldest.
      this.#segments = await listSegments(this.#directory)
      base = segmentOf(this.#segments, from) ?? this.#segments[0]
      handle = base === undefined ? undefined : await this.#handleOf(base)
      if (handle === undefined || base === undefined)
        throw new Error(`the log in ${this.#directory} has no segment at ${from}`)
    }
    const start = Math.max(from, base)
    const next = this.#segments[this.#segments.indexOf(base) + 1]
    const end = Math.min(next ?? head, head)
    // The oldest segment holds nothing yet when the append that began it failed and all before it was removed.
    return start >= end ? [] : this.#readSegment(handle, base, start, end, maxBytes)
  }

  async #readSegment(
    handle: FileHandle,
    base: Offset,
    start: Offset,
    end: Offset,
    maxBytes: number,
  ): Promise<LogBlock[]> {
    let want = Math.min(Math.max(maxBytes, FRAME_HEADER_BYTES), end - start)
    for (;;) {
      const buffer = Buffer.allocUnsafeSlow(want)
      const { bytesRead } = await handle.read(buffer, 0, want, start - base)
      const filled = buffer.subarray(0, bytesRead)
      const blocks: LogBlock[] = []
      let at = 0
      while (at < filled.length) {
        const frame = readFrame(filled, at)
        if (frame === 'damaged' || ('needed' in frame && start + at + frame.needed > end)) {
          // Blocks before the damage are whole: they are given, and the read after them fails.
          if (blocks.length > 0) return blocks
          throw new LogCorruptError(
            `the log is damaged in ${segmentPath(this.#directory, base)} at byte ${start + at - base}; restore this file from a copy`,
          )
        }
        if ('needed' in frame) {
          if (blocks.length > 0) break
          want = frame.needed
          break
        }
        const size = FRAME_HEADER_BYTES + frame.block.length
        blocks.push({ offset: start + at, next: start + at + size, bytes: frame.block })
        at += size
      }
      if (blocks.length > 0) return blocks
      if (bytesRead < buffer.length)
        throw new LogCorruptError(`${segmentPath(this.#directory, base)} is shorter than the log's head says`)
    }
  }

  async #handleOf(base: Offset): Promise<FileHandle | undefined> {
    if (this.#open?.base === base) return this.#open.handle
    let handle: FileHandle
    try {
      handle = await open(segmentPath(this.#directory, base), 'r')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
    await this.#open?.handle.close()
    this.#open = { base, handle }
    return handle
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn
    await this.#open?.handle.close()
    this.#open = undefined
    await this.#closeHead()
  }
}
