import { openSync, closeSync, readdirSync, readFileSync, readSync, writeSync } from 'node:fs'
import { Buffer } from 'node:buffer'
import { join } from 'node:path'

/** A byte in the files of a spool. */
export interface Place {
  segment: number
  offset: number
}

export const isBefore = (one: Place, other: Place): boolean =>
  one.segment < other.segment || (one.segment === other.segment && one.offset < other.offset)

export const segmentPath = (folder: string, segment: number): string =>
  join(folder, `${String(segment).padStart(10, '0')}.ndjson`)

/** Numbers of the files in a folder, in order. */
export const segmentsIn = (folder: string): number[] =>
  readdirSync(folder)
    .filter((name) => /^\d{10}\.ndjson$/.test(name))
    .map((name) => Number(name.slice(0, 10)))
    .sort((one, other) => one - other)

/**
 * How far the messages of a spool are settled, in a file of 22 bytes that is written in place. It saves sending again after
 * a crash what was delivered before; where it is lost or torn, all that the files hold is sent again, under the same messageIds.
 */
export class CursorFile {
  readonly #descriptor: number
  readonly #path: string

  constructor(folder: string) {
    this.#path = join(folder, 'cursor')
    this.#descriptor = openSync(this.#path, 'a+', 0o600)
    closeSync(this.#descriptor)
    this.#descriptor = openSync(this.#path, 'r+', 0o600)
  }

  read(): Place {
    const [, segment = '0', offset = '0'] = /^(\d{10}) (\d{10})\n$/.exec(readFileSync(this.#path, 'latin1')) ?? []
    return { segment: Number(segment), offset: Number(offset) }
  }

  write({ segment, offset }: Place): void {
    const digits = (value: number): string => String(value).padStart(10, '0')
    writeSync(this.#descriptor, `${digits(segment)} ${digits(offset)}\n`, 0, 'latin1')
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}

const newline = 0x0a
const chunkBytes = 256 * 1024

/** Reads the lines of one file from a place on. A line without an end, which a crash left, is not one. */
export class SegmentReader {
  readonly #descriptor: number
  readonly #chunk = Buffer.allocUnsafe(chunkBytes)
  #start = 0
  #end = 0
  /** Where the next line begins. */
  offset: number

  /** Throws when the file does not exist. */
  constructor(folder: string, { segment, offset }: Place) {
    this.#descriptor = openSync(segmentPath(folder, segment), 'r')
    this.offset = offset
  }

  /** The next line, without its end; undefined when there is none yet. */
  next(): Buffer | undefined {
    for (;;) {
      const found = this.#chunk.subarray(this.#start, this.#end).indexOf(newline)
      if (found !== -1) {
        const line = this.#chunk.subarray(this.#start, this.#start + found)
        this.#start += found + 1
        this.offset += found + 1
        return line
      }
      if (!this.#more()) return undefined
    }
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  #more(): boolean {
    this.#chunk.copyWithin(0, this.#start, this.#end)
    this.#end -= this.#start
    this.#start = 0
    // No message is that long: what fills the chunk without an end is damage, and the rest of the file with it.
    const read = readSync(this.#descriptor, this.#chunk, this.#end, chunkBytes - this.#end, this.offset + this.#end)
    this.#end += read
    return read > 0
  }
}
