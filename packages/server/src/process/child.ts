import cluster from 'node:cluster'
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { Logger } from '../logger.ts'
import { ROLE_OPTIONS } from './role-process.ts'
import type { RoleOptions } from './role-process.ts'
import { Rpc } from './rpc.ts'

/**
 * One process of the server and its successors. When it dies unasked it is started again: at once after a long life, after
 * a growing pause when it dies soon. States: starting → ready → (died → starting)* → stopped.
 */
export interface ChildOptions {
  name: string
  /** The module that runs the role. */
  module: string
  roleOptions: RoleOptions
  /** Ingest processes share the listening socket, which Node's cluster module does. */
  shared: boolean
  /** Options of its Node process. */
  nodeOptions: readonly string[]
  logger: Logger
  /** Called whenever a new process is ready, before `ready` resolves. */
  onReady: (child: Child) => Promise<void>
}

export class Child {
  readonly #options: ChildOptions
  #process: ChildProcess | undefined
  #rpc: Rpc | undefined
  #stopping = false
  #quickDeaths = 0
  #startedMs = 0
  #restartTimer: NodeJS.Timeout | undefined
  #firstReady: { resolve: () => void; reject: (error: Error) => void } | undefined
  restarts = 0
  isReady = false

  constructor(options: ChildOptions) {
    this.#options = options
  }

  get name(): string {
    return this.#options.name
  }
  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** Starts it; rejects if it dies before it was ever ready. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#firstReady = { resolve, reject }
      this.#spawn()
    })
  }

  call(method: string, parameters: unknown = null, timeoutMs?: number): Promise<unknown> {
    if (this.#rpc === undefined) return Promise.reject(new Error(`process "${this.name}" is not running`))
    return this.#rpc.call(method, parameters, timeoutMs)
  }

  /** Asks it to finish, then ends it. */
  async stop(timeoutMs: number): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#restartTimer)
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    const timer = setTimeout(() => {
      this.#options.logger.warn(`process "${this.name}" did not stop within ${timeoutMs} ms and is killed`)
      child.kill('SIGKILL')
    }, timeoutMs)
    this.call('stop', null, timeoutMs).catch(() => undefined)
    await exited
    clearTimeout(timer)
  }

  #spawn(): void {
    const { module, roleOptions, shared, nodeOptions } = this.#options
    const env = { ...SMALL_MALLOC, ...process.env, [ROLE_OPTIONS]: JSON.stringify(roleOptions) }
    this.#startedMs = Date.now()
    const child = shared
      ? forkShared(module, env, nodeOptions)
      : fork(module, { env, serialization: 'advanced', execArgv: [...nodeOptions] })
    this.#process = child
    const rpc = Rpc.over(
      {
        send: (message) => {
          if (child.connected) child.send(message as object, () => {})
        },
        onMessage: (listener) => child.on('message', listener),
      },
      {},
    )
    this.#rpc = rpc
    child.on('message', (message: unknown) => {
      if ((message as { millrace?: unknown } | null)?.millrace === 'ready') void this.#ready()
    })
    child.once('exit', (code, signal) => {
      rpc.close(new Error(`process "${this.name}" has ended`))
      this.#died(code, signal)
    })
  }

  async #ready(): Promise<void> {
    try {
      await this.#options.onReady(this)
      this.isReady = true
      this.#firstReady?.resolve()
      this.#firstReady = undefined
    } catch (error) {
      this.#options.logger.error(`process "${this.name}" could not be set up: ${String(error)}`)
      this.#process?.kill('SIGKILL')
    }
  }

  #died(code: number | null, signal: NodeJS.Signals | null): void {
    this.isReady = false
    if (this.#stopping) return
    const how = signal ?? `exit code ${code}`
    if (this.#firstReady !== undefined) {
      this.#firstReady.reject(
        new Error(`process "${this.name}" ended before it was ready (${how}); its log lines say why`),
      )
      this.#firstReady = undefined
      return
    }
    this.#quickDeaths = Date.now() - this.#startedMs < 10_000 ? this.#quickDeaths + 1 : 0
    const pauseMs = this.#quickDeaths === 0 ? 0 : Math.min(5_000, 50 * 2 ** this.#quickDeaths)
    this.restarts++
    this.#options.logger.warn(`process "${this.name}" ended (${how}) and is started again in ${pauseMs} ms`)
    this.#restartTimer = setTimeout(() => this.#spawn(), pauseMs)
  }
}

/**
 * glibc keeps freed blocks in an arena per thread, and raises its threshold for giving them back to the largest block seen.
 * Measured with two million messages accepted, together with the heap limits of the roles: 108 MB instead of 191 MB in the
 * process that accepts, at the same rate. Other systems ignore the variables.
 */
const SMALL_MALLOC = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '2097152', MALLOC_MMAP_THRESHOLD_: '262144' }

const forkShared = (module: string, env: NodeJS.ProcessEnv, nodeOptions: readonly string[]): ChildProcess => {
  cluster.setupPrimary({ exec: module, args: [], execArgv: [...nodeOptions], serialization: 'advanced' })
  return cluster.fork(env).process
}
