import { randomUUID } from 'node:crypto'
import type { AnyEvents, EventName } from '@millrace/events'
import { buildMessage, createPipeline, isPromise, serializeMessage } from '@millrace/sdk-core'
import type {
  MessageOptions,
  MessageType,
  Middleware,
  OutgoingMessage,
  Pipeline,
  Plugin,
  QueuedMessage,
  Runtime,
  Settlement,
} from '@millrace/sdk-core'
import type { AliasParams, CallOptions, GroupParams, IdentifyParams, PageParams, TrackParams } from './calls.ts'
import { DeliveryError } from './delivery-error.ts'
import { Listeners } from './listeners.ts'
import type { AnalyticsEvents } from './listeners.ts'
import { Outbox } from './outbox.ts'
import { Reports } from './reports.ts'
import type { Callback } from './reports.ts'
import { Scopes } from './scope.ts'
import type { Scope } from './scope.ts'
import { resolveSettings } from './settings.ts'
import type { AnalyticsSettings } from './settings.ts'
import { version } from './version.ts'
import { within } from './within.ts'

export interface FlushOptions {
  /** Milliseconds to wait at most; by default as long as it takes. */
  timeout?: number | undefined
  /** Closes, too. */
  close?: boolean | undefined
}

const runtime: Runtime = {
  now: Date.now,
  random: Math.random,
  newId: randomUUID,
  setTimer: (run, ms) => setTimeout(run, ms),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
}

const library = { name: '@millrace/node', version }
const libraryContext = { library }

/**
 * Sends the six calls of a server to Millrace.
 *
 * Each call returns at once and never throws for what it was given; the message is on its way when a batch is full or the interval is
 * over. It gives `false` when the queue runs full. A loop that then awaits `hasRoom()` loses nothing, however fast it is:
 *
 *     if (!analytics.track(message)) await analytics.hasRoom()
 *
 * Who goes on calling nevertheless loses what finds the queue full; `error` says so for each message. What the server refuses for now
 * (408, 429, 5xx), or does not answer, is sent again under the same messageId; what it refuses for good is an `error`.
 *
 * @typeParam Plan the events that `track` knows; by default the standard events, and any other
 * @example
 * const analytics = new Analytics({ writeKey: 'wk_web', host: 'https://events.example.com' })
 * analytics.track({ userId: 'user-1', event: 'Order Completed', properties: { total: 28.9 } })
 * await analytics.close()
 */
export class Analytics<Plan extends object = AnyEvents> {
  readonly #listeners = new Listeners()
  readonly #reports = new Reports(this.#listeners)
  readonly #scopes = new Scopes()
  readonly #outbox: Outbox | undefined
  readonly #timeoutMs: number
  #pipeline: Pipeline | undefined
  /** Messages that plugins work on. */
  readonly #inPipeline = new Set<Promise<void>>()
  #isClosed = false

  /** Throws a TypeError or RangeError that names the setting. */
  constructor(settings: AnalyticsSettings) {
    const resolved = resolveSettings(settings)
    this.#timeoutMs = resolved.timeoutMs
    if (settings.disable !== true) {
      this.#outbox = new Outbox(resolved, {
        runtime,
        settling: (message) => (settlement) => this.#settled(message, undefined, settlement),
        onRequest: ({ url, method, headers }, batch) => {
          if (!this.#listeners.has('http_request')) return
          const body = { batch: batch.map(({ json }) => JSON.parse(json) as unknown) }
          this.#listeners.emit('http_request', { url, method, headers, body })
        },
      })
    }
    // Listeners are added after this.
    queueMicrotask(() => this.#listeners.emit('initialize', settings))
  }

  /** What a user did. Gives false when the caller should await `hasRoom()` before the next call. */
  track<Name extends EventName<Plan>>(params: TrackParams<Plan, Name>, callback?: Callback): boolean {
    return this.#call('track', params, callback)
  }

  /** Who a user is, and what is known about them. */
  identify(params: IdentifyParams, callback?: Callback): boolean {
    return this.#call('identify', params, callback)
  }

  /** Which page they looked at. */
  page(params: PageParams, callback?: Callback): boolean {
    return this.#call('page', params, callback)
  }

  /** Which screen of an app they looked at. */
  screen(params: PageParams, callback?: Callback): boolean {
    return this.#call('screen', params, callback)
  }

  /** Which company, team or account they belong to. */
  group(params: GroupParams, callback?: Callback): boolean {
    return this.#call('group', params, callback)
  }

  /** That two ids are one person. */
  alias(params: AliasParams, callback?: Callback): boolean {
    return this.#call('alias', params, callback)
  }

  /** Resolves when the next call should be made; at once unless the queue runs full. */
  hasRoom(): Promise<void> {
    return this.#outbox?.room() ?? Promise.resolve()
  }

  /**
   * Sends what waits. Resolves when each message that was called before is delivered, or will never be, which `error` tells. While
   * the server is away that takes as long as it is away, so functions that are billed by time give a `timeout`; after it the messages
   * are still held and will be sent.
   */
  async flush({ timeout = Infinity, close = false }: FlushOptions = {}): Promise<void> {
    if (close) return this.close(timeout === Infinity ? {} : { timeout })
    await within(this.#flush(), timeout)
  }

  /**
   * Sends what waits, each message once, and ends. Resolves within `timeout` milliseconds, by default the time of one request
   * (`httpRequestTimeout`): what is not delivered by then stays in the spool or, without one, is an `error`.
   */
  async close({ timeout = this.#timeoutMs }: { timeout?: number | undefined } = {}): Promise<void> {
    this.#isClosed = true
    await within(Promise.all(this.#inPipeline), timeout)
    await this.#outbox?.close(timeout)
  }

  /** Another name of `close`. */
  closeAndFlush(options: { timeout?: number | undefined } = {}): Promise<void> {
    return this.close(options)
  }

  /**
   * Runs a function; all calls in it, also in what it starts and awaits, have what the scope says.
   *
   * @example app.use((request, response, next) => analytics.withContext({ context: { ip: request.ip } }, next))
   */
  withContext<Result>(scope: Scope, body: () => Result): Result {
    return this.#scopes.run(scope, body)
  }

  /** Adds plugins, which see and may change each message. Resolves when they are loaded. */
  async register(...plugins: Plugin[]): Promise<void> {
    await this.#pipelined().register(this, ...plugins)
    this.#listeners.emit(
      'register',
      plugins.map(({ name }) => name),
    )
  }

  /** Removes plugins by name. */
  async deregister(...names: string[]): Promise<void> {
    await this.#pipelined().deregister(...names)
    this.#listeners.emit('deregister', names)
  }

  /** Adds functions on the way of each message: `({ payload, next }) => next(payload)`. */
  addSourceMiddleware(...chain: Middleware[]): this {
    this.#pipelined().addSource(...chain)
    return this
  }

  on<Name extends keyof AnalyticsEvents>(event: Name, listener: (...args: AnalyticsEvents[Name]) => unknown): this {
    this.#listeners.on(event, listener)
    return this
  }

  once<Name extends keyof AnalyticsEvents>(event: Name, listener: (...args: AnalyticsEvents[Name]) => unknown): this {
    this.#listeners.once(event, listener)
    return this
  }

  off<Name extends keyof AnalyticsEvents>(event: Name, listener: (...args: AnalyticsEvents[Name]) => unknown): this {
    this.#listeners.off(event, listener)
    return this
  }

  async #flush(): Promise<void> {
    await Promise.all(this.#inPipeline)
    await this.#outbox?.flush()
  }

  #call(type: MessageType, params: CallOptions, callback: Callback | undefined): boolean {
    const scope = this.#scopes.current()
    const fields =
      scope === undefined ? { context: libraryContext } : { ...scope, context: { ...libraryContext, ...scope.context } }
    const message = buildMessage(type, fields as object, params as MessageOptions, runtime)
    if (this.#isClosed) {
      this.#listeners.emit('call_after_close', message)
      this.#reports.lost(message, callback, new DeliveryError('closed', `${type} was called after close; it is lost`))
      return true
    }
    if (this.#pipeline === undefined) return this.#enqueue(message, callback)
    const given = this.#pipeline.run(message)
    if (!isPromise(given)) return given === null || this.#enqueue(given, callback)
    const entered = async (): Promise<void> => {
      const result = await given
      if (result !== null) this.#enqueue(result, callback)
    }
    const over = entered().finally(() => this.#inPipeline.delete(over))
    this.#inPipeline.add(over)
    return this.#outbox?.hasRoom() ?? true
  }

  /** Gives whether there is room for another. */
  #enqueue(message: OutgoingMessage, callback: Callback | undefined): boolean {
    const outbox = this.#outbox
    const serialized = serializeMessage(message)
    if ('code' in serialized) {
      this.#reports.lost(message, callback, new DeliveryError(serialized.code, serialized.reason))
      return true
    }
    const { id, json, bytes } = serialized
    const queued: QueuedMessage = { id, json, bytes, attempts: 0, settled: undefined }
    queued.settled = (settlement) => this.#settled(queued, callback, settlement)
    if (outbox === undefined) {
      if (callback !== undefined) queueMicrotask(() => this.#reports.delivered(queued, callback))
      return true
    }
    try {
      if (!outbox.add(queued)) {
        const reason = `the queue is full; the ${message.type} ${id} is lost`
        this.#reports.lost(message, callback, new DeliveryError('queue_full', reason))
      }
    } catch (cause) {
      const reason = `the spool cannot be written (${String(cause)}); the ${message.type} ${id} is lost`
      this.#reports.lost(message, callback, new DeliveryError('spool_failed', reason, { cause }))
    }
    return outbox.hasRoom()
  }

  #settled(queued: QueuedMessage, callback: Callback | undefined, settlement: Settlement): void {
    const outbox = this.#outbox
    if (settlement.kind === 'delivered') this.#reports.delivered(queued, callback)
    else if (settlement.kind === 'given_up' && this.#isClosed && outbox?.outlivesProcess === true) {
      this.#reports.leftInSpool(queued, callback)
    } else this.#reports.failed(queued, callback, settlement, outbox?.refusalOf(queued) ?? '')
    if (outbox?.size() === 0) this.#listeners.emit('drained')
  }

  #pipelined(): Pipeline {
    this.#pipeline ??= createPipeline(['Millrace'], (error) => this.#reports.plugin(error))
    return this.#pipeline
  }
}

/** An `Analytics` with a plan: `createAnalytics<MyEvents>({ writeKey, host })` takes the events of `MyEvents` and no others. */
export const createAnalytics = <Plan extends object = AnyEvents>(settings: AnalyticsSettings): Analytics<Plan> =>
  new Analytics<Plan>(settings)
