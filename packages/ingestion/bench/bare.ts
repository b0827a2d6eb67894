/** The limit that accept is measured against: node:http and JSON.parse, nothing else. Prints its port and CPU time. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const answer = '{"success":true}'
const headers = ['Content-Type', 'application/json', 'Content-Length', String(answer.length)]

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const [first] = chunks
    JSON.parse((chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)).toString())
    response.writeHead(200, headers)
    response.end(answer)
  })
})
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })))
process.on('message', () => process.send?.(process.cpuUsage()))
