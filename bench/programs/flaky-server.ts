import { createServer } from 'node:http'

/**
 * A Tracking API that fails some requests, and counts what it accepted. Prints its port. `GET /counts` tells the messages by the
 * number that each has in `properties.n`: how many there are, and how many came under a second messageId.
 *
 *   node flaky-server.ts [percent that fail=0]
 *
 * Of those that fail a quarter each are refused with 503, with 429, taken and answered with 500, and taken and cut off.
 */
const failing = Number(process.argv[2] ?? 0)
const idByNumber = new Map<number, string>()
let copies = 0
let requests = 0
let failed = 0

const take = (body: string): void => {
  for (const { messageId, properties } of (JSON.parse(body) as Body).batch) {
    const known = idByNumber.get(properties.n)
    if (known === undefined) idByNumber.set(properties.n, messageId)
    else if (known !== messageId) copies += 1
  }
}

interface Body {
  batch: { messageId: string; properties: { n: number } }[]
}

const server = createServer((request, response) => {
  const answer = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }
  if (request.url === '/counts') {
    answer(200, { messages: idByNumber.size, copies, requests, failed })
    return
  }
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    requests += 1
    const body = Buffer.concat(chunks).toString()
    // Every so manieth request fails, and the ways to fail take turns.
    const fails = Math.floor((requests * failing) / 100) > Math.floor(((requests - 1) * failing) / 100)
    const way = fails ? failed++ % 4 : -1
    if (way === -1 || way >= 2) take(body)
    if (way === 3) request.socket.destroy()
    else if (way === -1) answer(200, { success: true })
    else answer([503, 429, 500][way] ?? 500, { code: 'failing', message: 'on purpose' })
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') process.stdout.write(`${address?.port}\n`)
})
