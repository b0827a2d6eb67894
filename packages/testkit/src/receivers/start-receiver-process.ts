import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ReceivedMessage } from './received-message.ts'

export interface ReceiverProcessOptions {
  /** Where the received messages go, as lines of JSON. Without it, or with `counting`, they are only counted. */
  file?: string
  port?: number
  counting?: boolean
  delayMs?: number
  /** So many requests are answered 503 first. */
  failFirst?: number
  signingSecret?: string
}

export interface ReceiverProcess extends AsyncDisposable {
  readonly port: number
  readonly url: string
  readonly pid: number
  /** Ends it as a crash would; what it has answered is in the file. */
  kill(): Promise<void>
}

/** Starts `receiver-process.ts`; it ends with this process at the latest. */
export async function startReceiverProcess(options: ReceiverProcessOptions): Promise<ReceiverProcess> {
  const script = fileURLToPath(new URL('./receiver-process.ts', import.meta.url))
  const child = spawn(process.execPath, [script, '--exit-with-stdin', ...flagsOf(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })
  const [line]: unknown[] = await Promise.race([
    once(lines, 'line'),
    exited.then(([code]) => Promise.reject(new Error(`The receiver process ended with ${String(code)}.`))),
  ])
  const { port }: { port: number } = JSON.parse(String(line))
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  return { port, url: `http://127.0.0.1:${port}/`, pid: child.pid ?? 0, kill, [Symbol.asyncDispose]: kill }
}

/** The messages that a receiver process has written so far, in order. */
export async function readReceived(file: string): Promise<ReceivedMessage[]> {
  const text = await readFile(file, 'utf8')
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line): ReceivedMessage => JSON.parse(line))
}

function flagsOf({ file, port, counting, delayMs, failFirst, signingSecret }: ReceiverProcessOptions): string[] {
  const flags: string[] = []
  if (file !== undefined) flags.push('--file', file)
  if (port !== undefined) flags.push('--port', String(port))
  if (counting === true) flags.push('--counting')
  if (delayMs !== undefined) flags.push('--delay-ms', String(delayMs))
  if (failFirst !== undefined) flags.push('--fail-first', String(failFirst))
  if (signingSecret !== undefined) flags.push('--signing-secret', signingSecret)
  return flags
}
