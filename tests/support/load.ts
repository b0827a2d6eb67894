import { Agent } from 'node:http'
import type { JsonObject } from '@millrace/protocol'
import { messageFactory } from '@millrace/testkit'
import type { Random } from '@millrace/testkit'
import { pause } from './eventually.ts'
import { post } from './post.ts'

/**
 * Applications that send all the time: several connections, batches and single messages, each with an id of its own. What is
 * not acknowledged is sent again with the same ids until it is, as the public clients do. It keeps its own record of what it
 * sent and of what was acknowledged.
 */
export interface LoadOptions {
  /** Where to send; asked for each request, because a restarted server may listen elsewhere. */
  url: () => string
  writeKey: string
  random: Random
  connections: number
  /** Messages of one request are 1 to this; a third of the requests hold one. */
  maxBatch: number
  /** The longest pause of a connection between two requests. Default 20 ms. */
  pauseMs?: number
  /** At most so many messages in all. */
  maxMessages?: number
  /** Makes each message so much longer. */
  padBytes?: number
}

export class Load {
  /** Every id that was ever in a request. */
  readonly sent = new Set<string>()
  /** Ids of requests that were answered 200. */
  readonly acknowledged = new Set<string>()
  /** Messages in requests that were sent more than once, counted each time after the first. */
  resent = 0
  /** Answers by status; 0 stands for a broken connection. */
  readonly statuses = new Map<number, number>()
  /** The last answer of 503. */
  unavailable: { retryAfter: string | undefined } | undefined
  readonly #options: LoadOptions
  readonly #factory
  readonly #agent
  #state: 'running' | 'pausing' | 'stopped' = 'stopped'
  #loops: Promise<void>[] = []

  constructor(options: LoadOptions) {
    this.#options = options
    this.#factory = messageFactory(options.random)
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.connections })
  }

  start(): void {
    this.#state = 'running'
    this.#loops = Array.from({ length: this.#options.connections }, () => this.#run())
  }

  /** No new messages; resolves when all that were sent are acknowledged. Rejects when that takes too long. */
  async settle(timeoutMs = 30_000): Promise<void> {
    this.#state = 'pausing'
    const { promise, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      this.#state = 'stopped'
      reject(new Error(`${this.sent.size - this.acknowledged.size} messages were not accepted in ${timeoutMs} ms`))
    }, timeoutMs)
    try {
      await Promise.race([Promise.all(this.#loops), promise])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Gives up what is under way: it may or may not be accepted. */
  async stop(): Promise<void> {
    this.#state = 'stopped'
    await Promise.all(this.#loops)
    this.#agent.destroy()
  }

  async #run(): Promise<void> {
    const { random, maxBatch, pauseMs = 20, maxMessages = Infinity, padBytes } = this.#options
    const padding: JsonObject = padBytes === undefined ? {} : { padding: random.hex(padBytes) }
    while (this.#state === 'running' && this.sent.size < maxMessages) {
      const messages = Array.from({ length: random.integer(3) === 0 ? 1 : 1 + random.integer(maxBatch) }, () => ({
        ...this.#factory.any(),
        ...padding,
      }))
      const ids = messages.map(({ messageId }) => messageId as string)
      for (const id of ids) this.sent.add(id)
      if (await this.#sendUntilAcknowledged(messages)) for (const id of ids) this.acknowledged.add(id)
      await pause(random.integer(pauseMs + 1))
    }
  }

  async #sendUntilAcknowledged(messages: readonly JsonObject[]): Promise<boolean> {
    const { url, writeKey, random } = this.#options
    const [first] = messages
    const single = messages.length === 1 && random.integer(2) === 0 ? first : undefined
    const path = single === undefined ? '/v1/batch' : `/v1/${single['type'] as string}`
    const body = JSON.stringify(single ?? { batch: messages })
    for (let attempt = 0; this.#state !== 'stopped'; attempt++) {
      if (attempt > 0) this.resent += messages.length
      let status = 0
      try {
        const answer = await post(`${url()}${path}`, body, { writeKey, agent: this.#agent, timeoutMs: 5_000 })
        status = answer.status
        if (status === 503) this.unavailable = { retryAfter: answer.headers['retry-after'] as string | undefined }
      } catch {
        // Broken connection: whether it was accepted is not known.
      }
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
      if (status === 200) return true
      await pause(Math.min(400, 25 * 2 ** Math.min(attempt, 4)))
    }
    return false
  }
}
