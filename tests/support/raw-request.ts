import { connect } from 'node:net'

export interface RawAnswer {
  /** The status of the first answer; 0 when the connection ended without one. */
  status: number
  body: string
  ms: number
}

export interface RawOptions {
  /** Sends only so many of the bytes and keeps the connection open, as a slow or hostile client does. */
  onlyBytes?: number
  /** Ends the sending side after the bytes. */
  end?: boolean
  timeoutMs?: number
}

/** The head of a POST, so that what follows is left to the caller. */
export const head = (path: string, headers: Readonly<Record<string, string | number>>): string =>
  [
    `POST ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '',
    '',
  ].join('\r\n')

/** Sends bytes over a connection of its own and waits for the first answer. Rejects only when the time is over. */
export const sendRaw = (url: string, bytes: Buffer, options: RawOptions = {}): Promise<RawAnswer> => {
  const { hostname, port } = new URL(url)
  const { timeoutMs = 20_000, onlyBytes = bytes.length, end } = options
  const startedMs = performance.now()
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  return new Promise((resolve, reject) => {
    let text = ''
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`no answer within ${timeoutMs} ms: ${bytes.toString('latin1', 0, 200)}`))
    }, timeoutMs)
    const done = (): void => {
      clearTimeout(timer)
      socket.destroy()
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0)
      const at = text.indexOf('\r\n\r\n')
      resolve({ status, body: at === -1 ? '' : text.slice(at + 4), ms: performance.now() - startedMs })
    }
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      text += chunk
      if (isComplete(text)) done()
    })
    socket.on('close', done)
    socket.on('error', () => socket.destroy())
    socket.write(bytes.subarray(0, onlyBytes))
    if (end === true) socket.end()
  })
}

const isComplete = (text: string): boolean => {
  const at = text.indexOf('\r\n\r\n')
  if (at === -1) return false
  const length = Number(/content-length: (\d+)/i.exec(text.slice(0, at))?.[1] ?? 0)
  return Buffer.byteLength(text.slice(at + 4)) >= length
}
