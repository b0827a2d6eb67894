import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import type { EventLog } from '@millrace/storage'
import { ANSWER_BYTES, APPEND_HEADER_BYTES, MAX_BLOCK_BYTES, NOT_STORED, PieceReader, STORED } from './frames.ts'

export interface AppendServerOptions {
  log: Pick<EventLog, 'append'>
  path: string
  onStored: () => void
  onFailed: (error: unknown) => void
}

/** Takes blocks of the ingest processes and answers each once it is durable. Dying loses only what was not answered. */
export const listenForBlocks = async (options: AppendServerOptions): Promise<Server> => {
  const server = createServer((socket) => serve(socket, options))
  // A writer that was killed leaves its socket behind. Nobody listens on it: the lock of the role is ours.
  await rm(options.path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.path, resolve)
  })
  return server
}

const serve = (socket: Socket, { log, onStored, onFailed }: AppendServerOptions): void => {
  const reader = new PieceReader()
  const store = async (block: Buffer, id: number): Promise<void> => {
    try {
      await log.append([block])
    } catch (error) {
      answer(socket, id, NOT_STORED)
      onFailed(error)
      return
    }
    answer(socket, id, STORED)
    onStored()
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
