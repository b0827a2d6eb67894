import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'

export interface CountingReceiverOptions {
  /** 0: chosen by the system. */
  port?: number
  /** Also count how often `"messageId"` is in the bodies. Costs a scan of every byte. */
  countMessages?: boolean
  /** How long each answer waits. Default 0. */
  delayMs?: number
}

export interface CountingReceiver extends AsyncDisposable {
  readonly port: number
  readonly url: string
  readonly counts: { requests: number; bodyBytes: number; messages: number }
  close(): Promise<void>
}

/**
 * For benchmarks: a receiver that costs as little as possible, so that the sender is what is measured. It is no HTTP
 * server: it reads `content-length`, skips the body and answers 200 without a body; chunked bodies are not understood.
 * `GET /counts` answers with the counts as JSON, for a sender in another process.
 */
export async function startCountingReceiver(options: CountingReceiverOptions = {}): Promise<CountingReceiver> {
  const { delayMs = 0 } = options
  const counts = { requests: 0, bodyBytes: 0, messages: 0 }
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    const parse = parser(counts, options.countMessages === true)
    socket.on('data', (chunk: Buffer) => {
      const answer = parse(chunk)
      if (answer === '') return
      if (delayMs === 0) socket.write(answer)
      else setTimeout(() => socket.write(answer), delayMs)
    })
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  // The server listens on TCP, so the address is never a path.
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return { port, url: `http://127.0.0.1:${port}/`, counts, close, [Symbol.asyncDispose]: close }
}

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'
const needle = Buffer.from('"messageId"')
const endOfHead = Buffer.from('\r\n\r\n')
const none: Buffer = Buffer.alloc(0)

/** State of one connection: in a head (`head` holds what came of it), or in a body (`left` bytes to come). */
function parser(counts: CountingReceiver['counts'], countMessages: boolean): (chunk: Buffer) => string {
  let head = none
  let left = 0
  let seam = none

  const takeBody = (bytes: Buffer): void => {
    left -= bytes.length
    counts.bodyBytes += bytes.length
    if (!countMessages) return
    // A needle that lies across two chunks is found in the seam of both.
    const edge = needle.length - 1
    counts.messages += occurrences(bytes)
    if (seam.length > 0) counts.messages += occurrences(Buffer.concat([seam, bytes.subarray(0, edge)]))
    seam = Buffer.concat([seam, bytes.subarray(-edge)]).subarray(-edge)
  }

  return (chunk) => {
    let rest = chunk
    let answers = ''
    for (;;) {
      if (left > 0) {
        const bytes = rest.subarray(0, left)
        takeBody(bytes)
        if (left > 0) return answers
        rest = rest.subarray(bytes.length)
        answers += ok
        seam = none
      }
      if (rest.length === 0) return answers
      if (head.length > 0) rest = Buffer.concat([head, rest])
      const end = rest.indexOf(endOfHead)
      head = end < 0 ? rest : none
      if (end < 0) return answers
      const text = rest.toString('latin1', 0, end)
      rest = rest.subarray(end + endOfHead.length)
      if (text.startsWith('GET /counts')) {
        const json = JSON.stringify(counts)
        answers += `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${json.length}\r\n\r\n${json}`
        continue
      }
      counts.requests++
      left = contentLength(text)
      if (left === 0) answers += ok
    }
  }
}

function contentLength(head: string): number {
  const match = /\r\ncontent-length: *(\d+)/i.exec(head)
  return match === null ? 0 : Number(match[1])
}

function occurrences(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + needle.length)) count++
  return count
}
