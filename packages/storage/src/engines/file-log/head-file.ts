import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Offset } from '../../event-log.ts'

/**
 * Tells readers in other processes how far the log is durable. The writer stores the head here after each sync, so a
 * head that is read back after any crash was durable. Two equal copies, so that a read beside a write is noticed.
 */
export class HeadFile {
  readonly #handle: FileHandle

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  static async open(directory: string, mode: 'read' | 'write'): Promise<HeadFile> {
    // 'a+' would append; r+ needs the file to exist, so a writer creates it first.
    const path = join(directory, 'head')
    if (mode === 'write') await (await open(path, 'a')).close()
    return new HeadFile(await open(path, mode === 'write' ? 'r+' : 'r'))
  }

  /** Undefined before the first write. */
  async read(): Promise<Offset | undefined> {
    // A buffer of its own: calls may overlap.
    const buffer = Buffer.alloc(16)
    for (let attempt = 0; attempt < 100; attempt++) {
      const { bytesRead } = await this.#handle.read(buffer, 0, 16, 0)
      if (bytesRead < 16) return undefined
      const first = buffer.readDoubleLE(0)
      if (first === buffer.readDoubleLE(8)) return first
    }
    throw new Error('the head file of the log never read the same twice; is another program writing it?')
  }

  async write(head: Offset): Promise<void> {
    const buffer = Buffer.alloc(16)
    buffer.writeDoubleLE(head, 0)
    buffer.writeDoubleLE(head, 8)
    await this.#handle.write(buffer, 0, 16, 0)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}
