import { Pool } from 'undici'
import { benchMessage, idOf } from '../message.ts'

/**
 * The physical limit of a drain: one body of some messages, made once, posted again and again over kept connections.
 * Prints one JSON line.
 *
 *   node bare-sender.ts URL MESSAGES [connections=8] [messages in a body=50]
 */
const [url = '', messages = '0', connections = '8', batch = '50'] = process.argv.slice(2)
const { origin, pathname } = new URL(url)
const messagesInBody = Number(batch)
const body = Buffer.from(JSON.stringify(Array.from({ length: messagesInBody }, (_, at) => benchMessage(idOf(at)))))
const pool = new Pool(origin, { connections: Number(connections) })
const headers = { 'content-type': 'application/json' }
let left = Math.ceil(Number(messages) / messagesInBody)

const sendOn = async (): Promise<void> => {
  while (left-- > 0) {
    const answer = await pool.request({ path: pathname, method: 'POST', headers, body })
    await answer.body.dump()
  }
}

const started = performance.now()
await Promise.all(Array.from({ length: Number(connections) }, sendOn))
const seconds = (performance.now() - started) / 1000
await pool.close()
const { user, system } = process.cpuUsage()
process.stdout.write(
  `${JSON.stringify({ perSecond: Number(messages) / seconds, cpuMicros: (user + system) / Number(messages) })}\n`,
)
