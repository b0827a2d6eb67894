import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Call } from './calls.ts'
import type { ClientSession } from './client-session.ts'

/** How long a program may need to end after its input has ended. */
const END_MS = 20_000

/**
 * A client of another language, in a program of its own that reads one list of calls a line and answers each with a line:
 * the ids of the messages that the client reported as failed. Its input's end makes it close the client and end.
 */
export const programSession = (program: string, args: readonly string[]): ClientSession => {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const errors: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text))
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    send: async (calls: readonly Call[]) => {
      child.stdin.write(`${JSON.stringify(calls.map(({ method, parameters }) => ({ method, parameters })))}\n`)
      const { value, done } = await lines.next()
      if (done === true) throw new Error(`${program} ended before it answered:\n${errors.join('')}`)
      return JSON.parse(value) as string[]
    },
    close: async () => {
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), END_MS)
      const [code, signal] = await exited
      clearTimeout(timer)
      if (code !== 0) throw new Error(`${program} ended with ${signal ?? code}:\n${errors.join('')}`)
    },
  }
}
