import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import { Pool } from 'undici'

/**
 * The physical limit of accept → webhook: `node:http`, `JSON.parse`, and the same bytes sent on over kept connections.
 * Nothing is stored. A request is answered when the receiver has answered, so what is accepted is what was delivered.
 *
 *   node bare-forwarder.ts URL [connections=8]
 */
const [url = '', connections = '8'] = process.argv.slice(2)
const { origin, pathname } = new URL(url)
const pool = new Pool(origin, { connections: Number(connections) })
const headers = { 'content-type': 'application/json' }

const forward = async (body: Buffer, response: ServerResponse): Promise<void> => {
  const answer = await pool.request({ path: pathname, method: 'POST', headers, body })
  await answer.body.dump()
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 16 })
  response.end('{"success":true}')
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks)
    JSON.parse(body.toString())
    void forward(body, response)
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') process.stdout.write(`${address?.port}\n`)
})
