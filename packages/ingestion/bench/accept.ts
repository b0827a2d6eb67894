/**
 * What accepting costs, beside bare node:http + JSON.parse in the same run: CPU microseconds per message of the server's
 * process (steady on a shared machine) and messages per second. The generator writes ready-made requests to raw sockets;
 * server and generator have a core each where `taskset` is there.
 *
 *   node packages/ingestion/bench/accept.ts [seconds]
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { connect } from 'node:net'

const seconds = Number(process.argv[2] ?? 4)
const connections = 16
const warmUpMs = 1500

const message = (index: number): string =>
  JSON.stringify({
    timestamp: new Date(Date.now() - index).toISOString(),
    integrations: {},
    event: 'Checkout Reached',
    type: 'track',
    userId: `user-${index % 5000}`,
    anonymousId: `0b3f3c1e-5a7d-4e5c-9a55-${String(index % 5000).padStart(12, '0')}`,
    properties: {
      plan: 'pro',
      total: 129.9 + index,
      currency: 'EUR',
      coupon: 'AUTUMN',
      items: ['a', 'b', 'c'],
      product: { id: 'p-1', name: 'Desk lamp with a long enough name', price: 49.9, tags: ['home', 'light'] },
      note: 'x'.repeat(180),
    },
    context: {
      library: { name: '@segment/analytics-node', version: '3.1.0' },
      userAgent:
        'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
      locale: 'en-GB',
      page: { url: 'https://shop.example.com/checkout', path: '/checkout', referrer: 'https://example.com/' },
    },
    messageId: `node-next-${Date.now()}-${crypto.randomUUID()}`,
    _metadata: { nodeVersion: '20.20.2', jsRuntime: 'node' },
  })

const requestOf = (path: string, body: string): Buffer =>
  Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nUser-Agent: bench\r\n` +
      `Authorization: Basic ${Buffer.from('wk_bench:').toString('base64')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )

const batchRequests = Array.from({ length: 200 }, (_, request) =>
  requestOf(
    '/v1/batch',
    `{"batch":[${Array.from({ length: 50 }, (__, index) => message(request * 50 + index)).join(',')}],"sentAt":"${new Date().toISOString()}"}`,
  ),
)
const singleRequests = Array.from({ length: 2000 }, (_, index) => requestOf('/v1/track', message(index)))

interface Server {
  child: ChildProcess
  port: number
  cpuUs(): Promise<number>
}

const start = async (file: string): Promise<Server> => {
  const script = new URL(file, import.meta.url).pathname
  const flags = process.env['BENCH_NODE_FLAGS']?.split(' ') ?? []
  const child = spawn('taskset', ['-c', '0', process.execPath, ...flags, script], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const port = await new Promise<number>((resolve) =>
    child.stdout.once('data', (text: Buffer) => resolve((JSON.parse(text.toString()) as { port: number }).port)),
  )
  const cpuUs = async (): Promise<number> => {
    const answer = new Promise<NodeJS.CpuUsage>((resolve) =>
      child.once('message', (usage) => resolve(usage as NodeJS.CpuUsage)),
    )
    child.send('cpu')
    const { user, system } = await answer
    return user + system
  }
  return { child, port, cpuUs }
}

const drive = async (
  server: Server,
  requests: readonly Buffer[],
  perRequest: number,
): Promise<{ rate: number; us: number }> => {
  let answered = 0
  let next = 0
  let isOver = false
  const sockets = Array.from({ length: connections }, () => {
    const socket = connect(server.port, '127.0.0.1')
    socket.setNoDelay(true)
    const send = (): void => {
      const request = requests.at(next++ % requests.length)
      if (!isOver && request !== undefined) socket.write(request)
    }
    socket.on('data', (data: Buffer) => {
      if (!data.toString('latin1', 9, 12).startsWith('200')) throw new Error(data.toString())
      answered++
      send()
    })
    socket.on('connect', send)
    return socket
  })
  await new Promise((resolve) => setTimeout(resolve, warmUpMs))
  const before = { cpuUs: await server.cpuUs(), answered, atMs: performance.now() }
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  const messages = (answered - before.answered) * perRequest
  const us = ((await server.cpuUs()) - before.cpuUs) / messages
  const rate = messages / ((performance.now() - before.atMs) / 1000)
  isOver = true
  for (const socket of sockets) socket.destroy()
  return { rate: Math.round(rate), us: Number(us.toFixed(2)) }
}

for (const [name, requests, perRequest] of [
  ['batches of 50', batchRequests, 50],
  ['single messages', singleRequests, 1],
] as const) {
  for (const file of ['./bare.ts', './accepting.ts']) {
    const server = await start(file)
    const { rate, us } = await drive(server, requests, perRequest)
    console.log(`${name.padEnd(16)} ${file.padEnd(16)} ${us} µs CPU/message  ${rate} messages/s`)
    server.child.kill()
  }
}
