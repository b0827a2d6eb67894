import { type ChildProcess, spawn } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { encodeFrame, FrameReader, type Request, type Response } from './frames.ts'

const stderrTailCharacters = 2000

/**
 * One running child: one request at a time, answered or rejected, never left open. When the child ends, the request
 * under way is rejected with how it ended, and `isAlive` is false; the owner starts another.
 */
export class DuckDbProcess {
  isAlive = true
  readonly pid: number | undefined
  readonly #child: ChildProcess
  readonly #pipe: Duplex
  readonly #ended: Promise<void>
  #waiting: { resolve: (result: unknown) => void; reject: (error: Error) => void } | undefined
  #stderr = ''

  constructor(path: string, destinationId: string, naming: string) {
    const file = fileURLToPath(new URL('./child.ts', import.meta.url))
    // An environment of its own: the child needs no secret of the parent's. One malloc arena keeps freed memory in one place.
    const env = { TZ: 'UTC', MALLOC_ARENA_MAX: '1' }
    const args = ['--expose-gc', file, path, destinationId, naming]
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'], env })
    this.pid = this.#child.pid
    this.#pipe = this.#child.stdio[3] as Duplex
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-stderrTailCharacters)
    })
    const reader = new FrameReader<Response>()
    this.#pipe.on('data', (chunk: Buffer) => reader.push(chunk).forEach(({ head }) => this.#settle(head)))
    // A child that dies breaks the pipe; what that means is told by its end.
    this.#pipe.on('error', () => {})
    this.#ended = new Promise((resolve) => {
      const end = (how: string) => {
        this.isAlive = false
        const detail = this.#stderr === '' ? '' : `: ${this.#stderr.trim()}`
        this.#settle({ ok: false, message: `the DuckDB process of ${path} ended (${how})${detail}` })
        resolve()
      }
      this.#child.on('error', (error) => end(error.message))
      this.#child.on('close', (code, signal) => end(signal ?? `exit code ${code}`))
    })
  }

  /** Sends one request; the caller waits for its answer before the next one. */
  request(head: Request, body?: Buffer): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      for (const part of encodeFrame(head, body)) this.#pipe.write(part)
    })
  }

  /** Lets the child close the file, and waits for its end. */
  async close(): Promise<void> {
    for (const part of encodeFrame({ op: 'close' })) this.#pipe.write(part)
    await this.#ended
  }

  /** For a child that does not answer any more. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #settle(response: Response): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (response.ok) waiting?.resolve(response.result)
    else waiting?.reject(new Error(response.message))
  }
}
