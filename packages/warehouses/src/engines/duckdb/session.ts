import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type {
  LoadResult,
  QueryResult,
  SinkCursor,
  WarehouseContext,
  WarehouseMessage,
  WarehouseSession,
} from '@millrace/component-kit'
import { DuckDbProcess } from './child-process.ts'
import { encodeMessages } from './message-lines.ts'
import type { Request } from './frames.ts'

/** How long past its own limit a query may take to stop before the child is ended. */
const graceMs = 5000

/**
 * The parent's side of one DuckDB file. Calls are served one after the other. A child that ended is replaced on the next call;
 * the call under way rejects, and the caller reads the cursor before it tries again, because the load may have been committed.
 */
export class DuckDbSession implements WarehouseSession {
  readonly #path: string
  readonly #context: WarehouseContext
  readonly #naming: string
  #process: DuckDbProcess
  #queue: Promise<unknown> = Promise.resolve()
  #isClosed = false

  private constructor(path: string, naming: string, context: WarehouseContext) {
    this.#path = path
    this.#naming = naming
    this.#context = context
    this.#process = this.#start()
  }

  /** Rejects when the file cannot be opened: it is not a DuckDB database, or another process owns it. */
  static async open(settings: { path: string; naming: string }, context: WarehouseContext): Promise<DuckDbSession> {
    const path = resolve(context.baseDirectory, settings.path)
    await mkdir(dirname(path), { recursive: true })
    const session = new DuckDbSession(path, settings.naming, context)
    await session.cursor()
    return session
  }

  /** Of the present child; it changes when the child is replaced. */
  get pid(): number | undefined {
    return this.#process.pid
  }

  async cursor(): Promise<SinkCursor | undefined> {
    return (await this.#call({ op: 'cursor' })) as SinkCursor | undefined
  }

  async load(messages: readonly WarehouseMessage[], next: SinkCursor): Promise<LoadResult> {
    const { schemas, body } = encodeMessages(messages)
    return (await this.#call({ op: 'load', next, schemas }, body)) as LoadResult
  }

  async query(sql: string, { maxRows, timeoutMs }: { maxRows: number; timeoutMs: number }): Promise<QueryResult> {
    return (await this.#call({ op: 'query', sql, maxRows, timeoutMs })) as QueryResult
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#queue
    if (this.#process.isAlive) await this.#process.close()
  }

  #call(request: Request, body?: Buffer): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new Error(`the warehouse ${this.#path} is closed; open it again`))
    const answer = this.#queue.then(() => this.#send(request, body))
    this.#queue = answer.catch(() => {})
    return answer
  }

  async #send(request: Request, body: Buffer | undefined): Promise<unknown> {
    if (!this.#process.isAlive) {
      this.#context.warn(`the DuckDB process of ${this.#path} had ended; starting it again`)
      this.#process = this.#start()
    }
    const child = this.#process
    if (request.op !== 'query') return child.request(request, body)
    const timer = setTimeout(() => child.kill(), request.timeoutMs + graceMs)
    return child.request(request).finally(() => clearTimeout(timer))
  }

  #start(): DuckDbProcess {
    return new DuckDbProcess(this.#path, this.#context.destinationId, this.#naming)
  }
}
