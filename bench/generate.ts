import { fileURLToPath } from 'node:url'
import { runNode } from './processes.ts'

export interface Load {
  port: number
  /** Messages of one request; 1 uses the route for single messages. */
  batch: number
  connections: number
  /** Either so long or so many. */
  seconds?: number
  messages?: number
  /** Messages a second; without it, as fast as the answers come. */
  rate?: number
  /** Number of the first messageId, so that no message of a row repeats another. */
  first: number
  small?: boolean
  /** Messages that say when they were sent, of so many events in turn. */
  events?: number
}

export interface Generated {
  messages: number
  seconds: number
  perSecond: number
  /** From a request to its answer. */
  p50Ms: number
  p99Ms: number
  cpuSeconds: number
}

const program = fileURLToPath(new URL('./programs/generator.ts', import.meta.url))

/** Runs the generator in a process of its own. Throws when an answer was not 200. */
export const generate = async (load: Load, cpus: string | undefined): Promise<Generated> => {
  const args = [program, '--port', load.port, '--batch', load.batch, '--connections', load.connections]
  args.push('--first', load.first, '--seconds', load.seconds ?? 0, '--messages', load.messages ?? 0)
  args.push('--rate', load.rate ?? 0, '--events', load.events ?? 0)
  const [generated] = await runNode<Generated & { failed: number; firstFailure: string }>(
    [...args.map(String), ...(load.small === true ? ['--small'] : [])],
    { cpus },
  )
  if (generated === undefined) throw new Error('the generator printed nothing')
  if (generated.failed > 0) {
    throw new Error(`${generated.failed} requests were not answered 200; the first: ${generated.firstFailure}`)
  }
  return generated
}
