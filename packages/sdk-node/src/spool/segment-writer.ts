import { closeSync, fdatasync, fdatasyncSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { Buffer } from 'node:buffer'
import { segmentPath } from './segments.ts'
import type { Place } from './segments.ts'

/** At this size the next file begins. A file goes when all its messages are settled. */
const segmentBytes = 4 * 1024 * 1024

/**
 * Appends messages to the files of a spool, a line each.
 *
 * `append` has written when it returns: a process that dies afterwards loses nothing, for the system has the bytes. A machine that
 * loses power keeps what was synced: `fdatasync` runs at most `syncMs` after a write, with 0 in `append` itself. A write that fails,
 * say of a full disk, leaves no trace.
 */
export class SegmentWriter {
  readonly #folder: string
  readonly #syncMs: number
  #file: { segment: number; descriptor: number; length: number } | undefined
  #next: number
  #timer: NodeJS.Timeout | undefined

  /** @param next number of the first file that it begins */
  constructor(folder: string, next: number, syncMs: number) {
    this.#folder = folder
    this.#next = next
    this.#syncMs = syncMs
  }

  /** Gives where the message begins and where it ends. Throws what the file system says. */
  append(json: string): { start: Place; end: Place } {
    const file = this.#writable()
    const line = Buffer.from(`${json}\n`)
    try {
      for (let done = 0; done < line.length;) {
        done += writeSync(file.descriptor, line, done, line.length - done, file.length + done)
      }
    } catch (error) {
      ftruncateSync(file.descriptor, file.length)
      throw error
    }
    const start = { segment: file.segment, offset: file.length }
    file.length += line.length
    if (this.#syncMs === 0) fdatasyncSync(file.descriptor)
    else this.#syncLater()
    return { start, end: { segment: file.segment, offset: file.length } }
  }

  /** Number of the next file. */
  get next(): number {
    return this.#next
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#finish()
  }

  #writable(): { segment: number; descriptor: number; length: number } {
    if (this.#file !== undefined && this.#file.length < segmentBytes) return this.#file
    this.#finish()
    const segment = this.#next++
    this.#file = { segment, descriptor: openSync(segmentPath(this.#folder, segment), 'wx', 0o600), length: 0 }
    return this.#file
  }

  #finish(): void {
    if (this.#file === undefined) return
    const { descriptor } = this.#file
    this.#file = undefined
    try {
      fdatasyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  }

  #syncLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      const file = this.#file
      // An error here comes again with the next write, or when the file is finished.
      if (file !== undefined) fdatasync(file.descriptor, () => undefined)
    }, this.#syncMs).unref()
  }
}
