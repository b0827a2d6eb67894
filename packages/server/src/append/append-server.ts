import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { ANSWER_BYTES, APPEND_HEADER_BYTES, MAX_BLOCK_BYTES, NOT_STORED, PieceReader, STORED } from './frames.ts'

/** Takes blocks of the ingest processes and answers each once it is durable. Dying loses only what was not answered. */
export const listenForBlocks = async (append: (block: Uint8Array) => Promise<void>, path: string): Promise<Server> => {
  const server = createServer((socket) => serve(socket, append))
  // A writer that was killed leaves its socket behind. Nobody listens on it: the lock of the role is ours.
  await rm(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  return server
}

const serve = (socket: Socket, append: (block: Uint8Array) => Promise<void>): void => {
  const reader = new PieceReader()
  const store = async (block: Buffer, id: number): Promise<void> => {
    let status = STORED
    try {
      await append(block)
    } catch {
      status = NOT_STORED // The log writer has said why.
    }
    answer(socket, id, status)
  }
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    reader.push(chunk)
    for (;;) {
      const header = reader.peek(APPEND_HEADER_BYTES)
      if (header === undefined) return
      const bytes = header.readUInt32LE(0)
      if (bytes > MAX_BLOCK_BYTES) {
        socket.destroy()
        return
      }
      const frame = reader.take(APPEND_HEADER_BYTES + bytes)
      if (frame === undefined) return
      const id = frame.readUInt32LE(4)
      void store(frame.subarray(APPEND_HEADER_BYTES), id)
    }
  })
}

const answer = (socket: Socket, id: number, status: number): void => {
  const bytes = Buffer.allocUnsafe(ANSWER_BYTES)
  bytes.writeUInt32LE(id, 0)
  bytes[4] = status
  socket.write(bytes)
}
