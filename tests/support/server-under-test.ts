import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createApiClient } from '@millrace/api-client'
import type { ApiClient } from '@millrace/api-client'
import { eventually } from './eventually.ts'
import { descendantsOf, isRunning } from './process-tree.ts'

/**
 * The real server as its users start it: `main.ts start`, with all its processes. It can be killed as a whole or process by
 * process, started again with the same data, and ended as a supervisor would.
 */
export interface ServerOptions {
  /** Holds the configuration file; the data folder is made in it unless `data` names another. */
  folder: string
  data?: string
  /** The workspace, given as a file. Without it the server keeps what the API applies. */
  workspace?: object
  /** 0: the process that owns the log listens too. Default: what the server chooses for this machine. */
  ingestProcesses?: number
}

export interface LogLine {
  level: string
  role: string
  message: string
}

/** A test that is ended by a signal must not leave servers behind; `exit` is not emitted by a signal alone. */
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

const main = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url))
/** The server's own limit for waiting on a predecessor's lock is 10 s. */
const START_MS = 30_000
const KEPT_LOG_LINES = 2_000

export class ServerUnderTest implements AsyncDisposable {
  readonly data: string
  readonly configFile: string
  readonly logs: LogLine[] = []
  url = ''
  token = ''
  /** May be changed between starts. */
  ingestProcesses: number | undefined
  readonly #options: ServerOptions
  #main: ChildProcess | undefined
  #exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }> | undefined
  readonly #pids = new Set<number>()
  readonly #onExit = (): void => this.#killAll()

  constructor(options: ServerOptions) {
    this.#options = options
    this.ingestProcesses = options.ingestProcesses
    this.data = options.data ?? join(options.folder, 'data')
    this.configFile = join(options.folder, 'workspace.json')
    process.on('exit', this.#onExit)
  }

  static async start(options: ServerOptions): Promise<ServerUnderTest> {
    const server = new ServerUnderTest(options)
    try {
      if (options.workspace !== undefined) await writeFile(server.configFile, JSON.stringify(options.workspace))
      await server.restart()
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
    return server
  }

  get pid(): number {
    return this.#main?.pid ?? 0
  }

  get api(): ApiClient {
    return createApiClient({ baseUrl: this.url, token: this.token })
  }

  /** Starts the process and resolves when it has said where it listens. Rejects with its log when it ends instead. */
  async restart(): Promise<void> {
    const { url } = await this.launch()
    this.url = url
    this.token = (await readFile(join(this.data, 'admin-token'), 'utf8')).trim()
  }

  /** The same without taking over the address, for tests in which the start is to fail or to be killed. */
  launch(): Promise<{ url: string }> {
    const flags = ['--data', this.data, '--port', '0', '--json']
    if (this.ingestProcesses !== undefined) flags.push('--ingest-processes', String(this.ingestProcesses))
    if (this.#options.workspace !== undefined) flags.push('--config', this.configFile)
    const child = spawn(process.execPath, [main, 'start', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#main = child
    if (child.pid !== undefined) this.#pids.add(child.pid)
    this.#exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
    createInterface({ input: child.stderr }).on('line', (line) => this.#log(line))
    const timer = setTimeout(() => child.kill('SIGKILL'), START_MS)
    return new Promise<{ url: string }>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as { url: string }))
      child.once('exit', (code, signal) => {
        reject(new Error(`the server ended with ${signal ?? code} before it was ready:\n${this.lastLogs()}`))
      })
    }).finally(() => clearTimeout(timer))
  }

  /** The processes that run now, by name: control, writer, deliver, ingest-1, …, duckdb; or ingest-writer. */
  processes(): Map<string, number> {
    const found = new Map([['control', this.pid]])
    for (const { pid, command } of descendantsOf(this.pid)) {
      this.#pids.add(pid)
      const name = /duckdb/.test(command) ? 'duckdb' : /^millrace (\S+)/.exec(command)?.[1]
      if (name !== undefined) found.set(name, pid)
    }
    return found
  }

  /** `kill -9` of one process; false when it does not run just now. */
  kill(name: string): boolean {
    const pid = this.processes().get(name)
    if (pid === undefined) return false
    process.kill(pid, 'SIGKILL')
    return true
  }

  /** `kill -9` of the control process; resolves when the others have followed it. */
  async crash(): Promise<void> {
    this.processes()
    this.#main?.kill('SIGKILL')
    await this.#exited
    await this.#othersGone()
  }

  /** SIGTERM, as a supervisor or a container ends it. */
  async terminate(withinMs = 20_000): Promise<{ code: number | null; signal: NodeJS.Signals | null; ms: number }> {
    const startedMs = performance.now()
    this.processes()
    this.#main?.kill('SIGTERM')
    const timer = setTimeout(() => this.#main?.kill('SIGKILL'), withinMs)
    const { code, signal } = (await this.#exited) ?? { code: null, signal: null }
    clearTimeout(timer)
    const ms = performance.now() - startedMs
    await this.#othersGone()
    return { code, signal, ms }
  }

  /** Until every process runs and says that it is ready. */
  async ready(timeoutMs = START_MS): Promise<void> {
    await eventually(
      'the server is ready',
      async () => {
        const response = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(5_000) })
        const text = await response.text()
        if (response.status !== 200) throw new Error(text)
        return true
      },
      { timeoutMs },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.lastLogs()}`, { cause: error })
    })
  }

  lastLogs(lines = 30): string {
    const texts = this.logs.map(({ level, role, message }) => `  ${level} ${role}: ${message}`)
    return texts
      .filter((text, at) => text !== texts[at - 1])
      .slice(-lines)
      .join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#onExit)
    if (this.#main !== undefined && this.#main.exitCode === null && this.#main.signalCode === null)
      await this.terminate()
    this.#killAll()
  }

  #log(line: string): void {
    let entry: LogLine
    try {
      entry = JSON.parse(line) as LogLine
    } catch {
      entry = { level: 'text', role: '', message: line }
    }
    this.logs.push(entry)
    if (this.logs.length > KEPT_LOG_LINES) this.logs.shift()
  }

  async #othersGone(): Promise<void> {
    await eventually('all processes of the server have ended', () =>
      [...this.#pids].some(isRunning) ? undefined : true,
    )
    this.#pids.clear()
  }

  /** Only processes that this object started or saw as descendants of those. */
  #killAll(): void {
    for (const pid of this.#pids) {
      if (!isRunning(pid)) continue
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It ended meanwhile.
      }
    }
  }
}
