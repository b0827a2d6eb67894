// The sample receiver of the quick start: takes what the destination "hook" sends, prints a line for each message, and
// shows the last ones at GET /. Run it alone with: node examples/quickstart/receiver.mjs
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'

const keptMessages = 1000
const maxBodyBytes = 16_000_000

/**
 * @param {{ port?: number, log?: (line: string) => void }} [options] port 0 takes a free one
 * @returns {Promise<{ url: string, messages: object[], close: () => void }>} `messages` holds the last 1,000, oldest first
 */
export async function startReceiver({ port = 9911, log = () => {} } = {}) {
  const messages = []
  const receive = async (request, response) => {
    try {
      const body = await read(request)
      for (const message of Array.isArray(body) ? body : [body]) {
        messages.push(message)
        log(`received ${describe(message)}`)
      }
      messages.splice(0, Math.max(0, messages.length - keptMessages))
      response.writeHead(204).end()
    } catch (error) {
      response.writeHead(400).end(`${error.message}\n`)
    }
  }
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(messages, undefined, 2))
    } else {
      void receive(request, response)
    }
  })
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    messages,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function read(request) {
  const chunks = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) throw new Error(`The body is over ${maxBodyBytes} bytes.`)
    chunks.push(chunk)
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

function describe(message) {
  const fields = [
    message?.type,
    message?.event ?? message?.name,
    message?.userId ?? message?.anonymousId,
    message?.messageId,
  ]
  // JSON shows control characters instead of sending them to the terminal.
  return fields
    .filter((field) => typeof field === 'string')
    .map((field) => JSON.stringify(field).slice(1, -1))
    .join(' ')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startReceiver({ log: (line) => process.stdout.write(`${line}\n`) })
  process.stdout.write(`listening on ${url}\n`)
}
