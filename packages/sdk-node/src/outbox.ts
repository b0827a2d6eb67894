import { createSender, maxBatchBytes, verdictOf } from '@millrace/sdk-core'
import type { Answer, QueuedMessage, Runtime, Sender } from '@millrace/sdk-core'
import { createRequests } from './batch-request.ts'
import { createBoundedMemoryQueue } from './bounded-queue.ts'
import type { BoundedQueue } from './bounded-queue.ts'
import { createCustomTransport } from './http-client.ts'
import type { HttpRequest, Reply, Transport } from './http-client.ts'
import { createNodeTransport } from './node-transport.ts'
import type { ResolvedSettings } from './settings.ts'
import { SpoolQueue } from './spool/spool-queue.ts'
import type { Settling } from './spool/spool-queue.ts'
import { within } from './within.ts'

export interface OutboxHooks {
  runtime: Runtime
  /** Gives what is called when a message of the spool is settled that another process, or long ago this one, took. */
  settling: Settling
  onRequest?: (request: HttpRequest, batch: readonly QueuedMessage[]) => void
}

/** Above this share of a bound callers are asked to wait; the rest is for those who already wait with a message in hand. */
const enough = 0.75

/**
 * The messages of one client, from the call to the answer: a bounded queue, the sender, and the requests under way.
 *
 * Whoever waits for room whenever `hasRoom` says no loses nothing: only a full queue refuses, and it is asked long before.
 */
export class Outbox {
  readonly #settings: ResolvedSettings
  readonly #queue: BoundedQueue
  readonly #sender: Sender
  readonly #transport: Transport
  readonly #hooks: OutboxHooks
  readonly #requestOf: ReturnType<typeof createRequests>
  /** The last refusals, for the text of the error. */
  readonly #replies = new WeakMap<QueuedMessage, Reply>()
  #waiters: (() => void)[] = []
  #isClosing = false
  /** Ends the requests under way. */
  readonly #underWay = new Set<(error: Error) => void>()
  #closed: Promise<void> | undefined

  constructor(settings: ResolvedSettings, hooks: OutboxHooks) {
    this.#settings = settings
    this.#hooks = hooks
    this.#requestOf = createRequests(settings)
    const { url, concurrency, httpClient, flushAt, flushIntervalMs, maxAttempts } = settings
    this.#transport =
      httpClient === undefined ? createNodeTransport(url, concurrency) : createCustomTransport(httpClient)
    const spool = settings.spool === undefined ? undefined : new SpoolQueue(settings.spool, hooks.settling)
    this.#queue = spool ?? createBoundedMemoryQueue(settings.maxQueueMessages, settings.maxQueueBytes)
    this.#sender = createSender({
      queue: this.#queue,
      send: (batch) => this.#send(batch),
      runtime: hooks.runtime,
      flushAt,
      flushIntervalMs,
      limits: { messages: flushAt, bytes: maxBatchBytes - 1000 },
      concurrency,
      maxAttempts,
      backoff: { baseMs: 100, maxMs: 60_000 },
    })
    if (spool !== undefined && spool.recovered > 0) this.#sendRecovered(spool)
  }

  /** False when the queue is full: the message was not taken. Throws when the disk refuses it. */
  add(message: QueuedMessage): boolean {
    if (!this.#queue.add(message)) return false
    this.#sender.added(message)
    this.#queue.noted(message)
    return true
  }

  /** Whether the next message should be called now. */
  hasRoom(): boolean {
    return this.#queue.fill() < enough
  }

  /** Resolves when it should. */
  room(): Promise<void> {
    if (this.hasRoom() || this.#isClosing) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  size(): number {
    return this.#queue.size()
  }

  /** What the server said when it refused a message. */
  refusalOf(message: QueuedMessage): string {
    return this.#replies.get(message)?.text ?? ''
  }

  flush(): Promise<void> {
    return this.#sender.flush()
  }

  /** Whether messages that cannot be sent any more stay for another process. */
  get outlivesProcess(): boolean {
    return this.#settings.spool !== undefined
  }

  /** Sends what waits, each message once, for at most so long. What is left then is given up, or stays in the spool. */
  close(timeoutMs: number): Promise<void> {
    this.#closed ??= this.#close(timeoutMs)
    return this.#closed
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#isClosing = true
    this.#wake()
    await within(this.#sender.close(), timeoutMs)
    const late = new Error(`closed before there was an answer within ${timeoutMs} ms`)
    for (const message of this.#queue.rest()) message.settled?.({ kind: 'given_up', error: late })
    // The sender settles the messages of the requests that end here, in the same turn.
    for (const end of this.#underWay) end(late)
    await new Promise((resolve) => setImmediate(resolve))
    this.#transport.close()
    this.#queue.close()
  }

  async #send(batch: readonly QueuedMessage[]): Promise<Answer> {
    try {
      const request = await this.#requestOf(batch)
      this.#hooks.onRequest?.(request, batch)
      const reply = await this.#request(request)
      const { status } = reply
      if (status >= 300 && status < 500) for (const message of batch) this.#replies.set(message, reply)
      if (this.#isClosing && verdictOf(status) === 'retry') this.#queue.abandon(batch)
      return reply
    } catch (error) {
      if (this.#isClosing) this.#queue.abandon(batch)
      throw error
    } finally {
      // By then the sender has settled the messages.
      if (this.#waiters.length > 0) setImmediate(() => this.#wake())
    }
  }

  #request(request: HttpRequest): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      this.#underWay.add(reject)
      const over = (): boolean => this.#underWay.delete(reject)
      this.#transport.request(request).then(
        (reply) => (over(), resolve(reply)),
        (error: unknown) => (over(), reject(error)),
      )
    })
  }

  #wake(): void {
    if (!this.hasRoom() && !this.#isClosing) return
    const woken = this.#waiters
    this.#waiters = []
    for (const wake of woken) wake()
  }

  /** What the process before left counts for the first flush, and is sent now. */
  #sendRecovered(spool: SpoolQueue): void {
    const one: QueuedMessage = { id: '', json: '', bytes: 0, attempts: 0 }
    for (let count = 0; count < spool.recovered; count++) this.#sender.added(one)
    spool.notedRecovered(one)
    this.#sender.wake()
  }
}
