import { once } from 'node:events'
import { createServer, request as forward } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { brokenBody, isTaken, retryAfterHeader } from './fault.ts'
import type { Fault, FaultPlan } from './fault.ts'

export interface FaultProxyOptions {
  /** Where requests go that are taken, e.g. `http://127.0.0.1:8080`. Path and query are those of the request. */
  target: string
  plan: FaultPlan
}

export interface FaultProxy extends AsyncDisposable {
  readonly url: string
  /** `https://` at a port that does not speak TLS: every handshake fails. */
  readonly brokenTlsUrl: string
  readonly requests: number
  /** From now on. */
  setPlan(plan: FaultPlan): void
}

/** The fault model on real sockets of the loopback: a proxy that a destination is pointed at in the receiver's place. */
export const startFaultProxy = async (options: FaultProxyOptions): Promise<FaultProxy> => {
  let { plan } = options
  let requests = 0
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  }
  const server = createServer((request, response) => {
    const fault = plan({ index: requests++, atMs: Date.now() })
    void play(fault, request, response, options.target).catch(() => request.socket.destroy())
  })
  server.on('connection', keep)
  const notTls = createTcpServer((socket) => {
    keep(socket)
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
  })
  const [port, plainPort] = [await listen(server), await listen(notTls)]
  return {
    url: `http://127.0.0.1:${port}`,
    brokenTlsUrl: `https://127.0.0.1:${plainPort}`,
    get requests() {
      return requests
    },
    setPlan: (next) => {
      plan = next
    },
    [Symbol.asyncDispose]: async () => {
      const closed = [once(server, 'close'), once(notTls, 'close')]
      server.close()
      notTls.close()
      for (const socket of sockets) socket.destroy()
      await Promise.all(closed)
    },
  }
}

const listen = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const play = async (
  fault: Fault | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  target: string,
): Promise<void> => {
  const { socket } = request
  if (fault?.kind === 'refused' || fault?.kind === 'tls') {
    socket.resetAndDestroy()
    return
  }
  const body: Buffer[] = []
  for await (const chunk of request) body.push(chunk as Buffer)
  if (fault !== undefined && !isTaken(fault)) {
    if (fault.kind === 'status') refuse(fault, response)
    // Else it hangs: the connection stays open without a word until the client or the end of the proxy closes it.
    return
  }
  const answer = await pass(request, Buffer.concat(body), target)
  switch (fault?.kind) {
    case undefined:
      response.writeHead(answer.status, { 'content-type': 'application/json' })
      response.end(answer.body)
      break
    case 'reset':
      response.writeHead(answer.status, { 'content-length': answer.body.length + 100 })
      response.write(answer.body, () => socket.resetAndDestroy())
      break
    case 'trickle':
      await trickle(response, answer)
      break
    case 'broken-body':
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(brokenBody)
      break
    default:
  }
}

const refuse = ({ status, retryAfter }: Fault & { kind: 'status' }, response: ServerResponse): void => {
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfterHeader(retryAfter, Date.now()))
  response.writeHead(status)
  response.end()
}

const trickle = async (response: ServerResponse, answer: { status: number; body: Buffer }): Promise<void> => {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  response.writeHead(answer.status, { 'content-length': answer.body.length })
  for (const byte of answer.body) {
    response.write(Buffer.of(byte))
    await setTimeout(1000, undefined, { signal: gone.signal })
  }
  response.end()
}

const pass = async (
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  target: string,
): Promise<{ status: number; body: Buffer }> => {
  const { host: _host, connection: _connection, ...rest } = headers
  const outgoing = forward(new URL(url ?? '/', target), { method, headers: { ...rest, 'content-length': body.length } })
  outgoing.end(body)
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return { status: incoming.statusCode ?? 502, body: Buffer.concat(chunks) }
}
