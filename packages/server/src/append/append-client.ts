import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { LogUnavailableError } from '@millrace/storage'
import { ANSWER_BYTES, APPEND_HEADER_BYTES, PieceReader, STORED } from './frames.ts'

/**
 * Hands blocks to the log writer. While the writer is away every append is refused at once, so that clients hear 503 and
 * keep their messages, instead of waiting.
 */
export class AppendClient {
  readonly #path: string
  #socket: Socket | undefined
  #nextId = 1
  readonly #waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>()
  #closed = false
  #reconnect: NodeJS.Timeout | undefined

  constructor(path: string) {
    this.#path = path
    this.#connect()
  }

  append(block: Uint8Array): Promise<void> {
    const socket = this.#socket
    if (socket === undefined) return Promise.reject(new LogUnavailableError('the log writer is starting'))
    return new Promise((resolve, reject) => {
      const id = this.#nextId
      this.#nextId = id === 0xffff_ffff ? 1 : id + 1
      this.#waiting.set(id, { resolve, reject })
      const header = Buffer.allocUnsafe(APPEND_HEADER_BYTES)
      header.writeUInt32LE(block.length, 0)
      header.writeUInt32LE(id, 4)
      socket.cork()
      socket.write(header)
      socket.write(block)
      socket.uncork()
    })
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#reconnect)
    this.#socket?.destroy()
  }

  #connect(): void {
    const socket = connect(this.#path)
    const answers = new PieceReader()
    socket.on('connect', () => {
      this.#socket = socket
    })
    socket.on('data', (chunk: Buffer) => {
      answers.push(chunk)
      for (let answer = answers.take(ANSWER_BYTES); answer !== undefined; answer = answers.take(ANSWER_BYTES)) {
        this.#settle(answer.readUInt32LE(0), answer[4] === STORED)
      }
    })
    socket.on('error', () => {}) // 'close' follows.
    socket.on('close', () => {
      this.#socket = undefined
      // Whether these were stored is not known; the sender tries again and deduplication takes the copy out.
      for (const { reject } of this.#waiting.values()) reject(new LogUnavailableError('the log writer went away'))
      this.#waiting.clear()
      if (!this.#closed) this.#reconnect = setTimeout(() => this.#connect(), 20)
    })
  }

  #settle(id: number, stored: boolean): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    this.#waiting.delete(id)
    if (stored) waiting.resolve()
    else waiting.reject(new LogUnavailableError('the log could not store the block'))
  }
}
