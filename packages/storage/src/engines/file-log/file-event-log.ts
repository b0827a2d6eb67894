import { mkdir, open, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { LogUnavailableError } from '../../event-log.ts'
import type { EventLog, LogBlock, Offset } from '../../event-log.ts'
import { FileLogReader } from './file-log-reader.ts'
import { FRAME_HEADER_BYTES, frameHeader } from './frame.ts'
import { HeadFileReader, HeadFileWriter } from './head-file.ts'
import { RecentBlocks } from './recent-blocks.ts'
import { recover } from './recover.ts'
import { segmentOf, segmentPath, syncDirectory } from './segments.ts'

/**
 * The embedded log: append-only segment files, written by one process and read by any.
 *
 * An append waits until the one before it is done; all that wait are then written with one `writev` and made durable with
 * one `fdatasync` (group commit), and only then acknowledged. States of the writer:
 * - idle: the file ends at `#head`, all of it durable.
 * - writing: bytes after `#head` are not acknowledged. On failure they are cut off again and the writer is idle.
 * - broken: they could not be cut off (the disk answers nothing any more). Every append fails until a reopen repairs.
 */
export interface FileEventLogOptions {
  directory: string
  /**
   * A segment that reached this size is closed. Retention removes whole segments. Asked at each append when it is a function.
   * Default 128 MiB.
   */
  segmentBytes?: number | (() => number)
  /** Makes a file's data durable. Replaced only by the test that shows that leaving it out is noticed. */
  sync?: (handle: FileHandle) => Promise<void>
  warn?: (message: string) => void
}

interface Waiting {
  blocks: readonly Uint8Array[]
  resolve: (offsets: readonly Offset[]) => void
  reject: (error: Error) => void
}

export class FileEventLog implements EventLog {
  readonly #directory: string
  readonly #segmentBytes: () => number
  readonly #sync: (handle: FileHandle) => Promise<void>
  readonly #headFile: HeadFileWriter
  readonly #reader: FileLogReader
  #segments: Offset[]
  #head: Offset
  #file: FileHandle | undefined
  #waiting: Waiting[] = []
  /** Appended blocks must not be changed by their giver: they are kept for the next stage. */
  readonly #recent = new RecentBlocks(8 * 1024 * 1024)
  #pumping: Promise<void> | undefined
  /** Truncations take turns: each removes what is the first segment then. */
  #truncating: Promise<unknown> = Promise.resolve()
  #broken = false
  #closed = false

  private constructor(options: FileEventLogOptions, headFile: HeadFileWriter, segments: Offset[], head: Offset) {
    this.#directory = options.directory
    const { segmentBytes = 128 * 1024 * 1024 } = options
    this.#segmentBytes = typeof segmentBytes === 'number' ? () => segmentBytes : segmentBytes
    this.#sync = options.sync ?? ((handle) => handle.datasync())
    this.#headFile = headFile
    this.#segments = segments
    this.#head = head
    this.#reader = new FileLogReader(options.directory, () =>
      Promise.resolve({ head: this.#head, lastSegment: this.#segments.at(-1) ?? this.#head }),
    )
  }

  /** Opens or creates the log and repairs what a crash left. Rejects with `LogCorruptError` when acknowledged data is damaged. */
  static async open(options: FileEventLogOptions): Promise<FileEventLog> {
    await mkdir(options.directory, { recursive: true })
    const headFile = new HeadFileWriter(options.directory)
    try {
      const durableHead = await readHead(options.directory)
      const { segments, head } = await recover(options.directory, durableHead, options.warn ?? (() => {}))
      const log = new FileEventLog(options, headFile, segments, head)
      const last = segments.at(-1)
      if (last !== undefined) {
        log.#file = await open(segmentPath(options.directory, last), 'r+')
        // Blocks that were written but not yet synced when the process died are kept, so they must become durable now.
        await log.#sync(log.#file)
      }
      headFile.write({ head, lastSegment: last ?? head })
      return log
    } catch (error) {
      headFile.close()
      throw error
    }
  }

  append(blocks: readonly Uint8Array[]): Promise<readonly Offset[]> {
    if (this.#closed) return Promise.reject(new LogUnavailableError('the log is closed'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ blocks, resolve, reject })
      this.#pumping ??= this.#pump()
    })
  }

  head(): Promise<Offset> {
    return Promise.resolve(this.#head)
  }

  tail(): Promise<Offset> {
    return Promise.resolve(this.#segments[0] ?? this.#head)
  }

  read(from: Offset, maxBytes: number): Promise<readonly LogBlock[]> {
    const recent = this.#recent.read(from, maxBytes)
    return recent === undefined ? this.#reader.read(from, maxBytes) : Promise.resolve(recent)
  }

  truncationPoint(before: Offset): Promise<Offset> {
    const first = this.#segments[0] ?? this.#head
    return Promise.resolve(before <= first ? first : (segmentOf(this.#segments, before) ?? first))
  }

  truncate(before: Offset): Promise<Offset> {
    const result = this.#truncating.then(() => this.#truncate(before))
    this.#truncating = result.catch(() => undefined)
    return result
  }

  async #truncate(before: Offset): Promise<Offset> {
    while (this.#segments.length > 1 && (this.#segments[1] as Offset) <= before) {
      await unlink(segmentPath(this.#directory, this.#segments[0] as Offset))
      this.#segments = this.#segments.slice(1)
      this.#recent.forgetBefore(this.#segments[0] as Offset)
      await this.#reader.forgetBefore(this.#segments[0] as Offset)
    }
    return this.#segments[0] ?? this.#head
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.#pumping
    await this.#truncating
    await this.#reader[Symbol.asyncDispose]()
    await this.#file?.close()
    this.#headFile.close()
  }

  async #pump(): Promise<void> {
    // Let the calls of this tick join the first group.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      try {
        const offsets = await this.#write(group)
        for (const [index, call] of group.entries()) call.resolve(offsets[index] as Offset[])
      } catch (error) {
        const message = `the log could not store a block: ${error instanceof Error ? error.message : String(error)}`
        const unavailable =
          error instanceof LogUnavailableError ? error : new LogUnavailableError(message, { cause: error })
        for (const call of group) call.reject(unavailable)
      }
    }
    this.#pumping = undefined
  }

  async #write(group: readonly Waiting[]): Promise<Offset[][]> {
    if (this.#broken) throw new LogUnavailableError('the log is broken after a failed write; restart to repair it')
    const pieces: Uint8Array[] = []
    const appended: LogBlock[] = []
    let end = this.#head
    const offsets = group.map(({ blocks }) =>
      blocks.map((block) => {
        const offset = end
        pieces.push(frameHeader(block), block)
        end += FRAME_HEADER_BYTES + block.length
        appended.push({ offset, next: end, bytes: asBuffer(block) })
        return offset
      }),
    )
    const { file, base } = await this.#segment()
    try {
      await writeAll(file, pieces, this.#head - base)
      await this.#sync(file)
    } catch (error) {
      await this.#cutBack(file, base)
      throw error
    }
    this.#head = end
    this.#recent.add(appended)
    try {
      this.#headFile.write({ head: end, lastSegment: base })
    } catch {
      // Readers see it with the next one.
    }
    return offsets
  }

  /** The open segment, or a new one when the last is full. */
  async #segment(): Promise<{ file: FileHandle; base: Offset }> {
    const base = this.#segments.at(-1)
    if (base !== undefined && this.#file !== undefined && this.#head - base < this.#segmentBytes()) {
      return { file: this.#file, base }
    }
    // 'w' truncates what a failed attempt to create the same segment left.
    const file = await open(segmentPath(this.#directory, this.#head), 'w+')
    try {
      await syncDirectory(this.#directory)
    } catch (error) {
      await file.close()
      throw error
    }
    await this.#file?.close()
    this.#file = file
    if (base !== this.#head) this.#segments = [...this.#segments, this.#head]
    return { file, base: this.#head }
  }

  async #cutBack(file: FileHandle, base: Offset): Promise<void> {
    try {
      await file.truncate(this.#head - base)
      // After a failed sync the kernel may have dropped the pages, so the file is opened anew for the next one.
      const last = this.#segments.at(-1) as Offset
      this.#file = await open(segmentPath(this.#directory, last), 'r+')
      await file.close()
    } catch {
      this.#broken = true
    }
  }
}

const asBuffer = (block: Uint8Array): Buffer =>
  Buffer.isBuffer(block) ? block : Buffer.from(block.buffer, block.byteOffset, block.byteLength)

const readHead = async (directory: string): Promise<Offset | undefined> => {
  const file = await HeadFileReader.open(directory)
  try {
    return (await file.read())?.head
  } finally {
    await file.close()
  }
}

const writeAll = async (file: FileHandle, pieces: Uint8Array[], position: number): Promise<void> => {
  // The kernel takes at most IOV_MAX (1,024) pieces at once, and may write less than asked.
  let at = 0
  for (let first = 0; first < pieces.length; first += 1024) {
    const part = pieces.slice(first, first + 1024)
    let bytes = 0
    for (const piece of part) bytes += piece.length
    const { bytesWritten } = await file.writev(part, position + at)
    if (bytesWritten < bytes) {
      const rest = Buffer.concat(part).subarray(bytesWritten)
      let done = 0
      while (done < rest.length) {
        const { bytesWritten: more } = await file.write(
          rest,
          done,
          rest.length - done,
          position + at + bytesWritten + done,
        )
        done += more
      }
    }
    at += bytes
  }
}
