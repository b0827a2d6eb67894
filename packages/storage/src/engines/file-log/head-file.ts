import { closeSync, openSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Offset } from '../../event-log.ts'

/** How far the log is durable, and the segment that ends there. */
export interface LogEnd {
  head: Offset
  lastSegment: Offset
}

/**
 * Tells readers in other processes where the log ends. The writer stores it after each sync, so what is read back after any
 * crash was durable:
 *
 *   file = head:f64 lastSegment:f64 head:f64        little endian
 *
 * The head stands there twice, so that a read beside a write is noticed.
 */
const BYTES = 24

export class HeadFileReader {
  readonly #handle: FileHandle

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  static async open(directory: string): Promise<HeadFileReader> {
    return new HeadFileReader(await open(pathOf(directory), 'r'))
  }

  /** Undefined before the first write. */
  async read(): Promise<LogEnd | undefined> {
    // A buffer of its own: calls may overlap.
    const buffer = Buffer.alloc(BYTES)
    for (let attempt = 0; attempt < 100; attempt++) {
      const { bytesRead } = await this.#handle.read(buffer, 0, BYTES, 0)
      if (bytesRead < BYTES) return undefined
      const head = buffer.readDoubleLE(0)
      if (head === buffer.readDoubleLE(16)) return { head, lastSegment: buffer.readDoubleLE(8) }
    }
    throw new Error('the head file of the log never read the same twice; is another program writing it?')
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

/** Writes in the caller's turn: 24 bytes into the page cache cost less than handing them to another thread. */
export class HeadFileWriter {
  #descriptor: number | undefined
  readonly #buffer = Buffer.alloc(BYTES)

  /** Makes the file if there is none. */
  constructor(directory: string) {
    closeSync(openSync(pathOf(directory), 'a'))
    this.#descriptor = openSync(pathOf(directory), 'r+')
  }

  write({ head, lastSegment }: LogEnd): void {
    this.#buffer.writeDoubleLE(head, 0)
    this.#buffer.writeDoubleLE(lastSegment, 8)
    this.#buffer.writeDoubleLE(head, 16)
    if (this.#descriptor === undefined) throw new Error('the head file is closed')
    writeSync(this.#descriptor, this.#buffer, 0, BYTES, 0)
  }

  close(): void {
    // Closing a number twice would close somebody else's file.
    const descriptor = this.#descriptor
    this.#descriptor = undefined
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

const pathOf = (directory: string): string => join(directory, 'head')
