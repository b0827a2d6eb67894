import cluster from 'node:cluster'
import { createServer } from 'node:http'

/**
 * The physical limit of the accept rows: `node:http`, `JSON.parse`, and an answer. Nothing is stored.
 *
 *   node bare-server.ts [processes=1] [port=0]
 */
const [processes = '1', port = '0'] = process.argv.slice(2)
if (cluster.isPrimary && Number(processes) > 1) {
  let listening = 0
  for (let at = 0; at < Number(processes); at++) cluster.fork()
  cluster.on('listening', (_worker, { port: found }) => {
    if (++listening === Number(processes)) process.stdout.write(`${found}\n`)
  })
  process.on('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM')
    cluster.disconnect(() => process.exit(0))
  })
} else {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      JSON.parse(Buffer.concat(chunks).toString())
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 16 })
      response.end('{"success":true}')
    })
  })
  server.listen(Number(port), '127.0.0.1', () => {
    const address = server.address()
    if (!cluster.isWorker && typeof address === 'object') process.stdout.write(`${address?.port}\n`)
  })
}
