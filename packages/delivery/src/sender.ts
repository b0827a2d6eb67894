import type { AnyDestination, DeliverContext, HttpClient, Outcome, Payload } from '@millrace/component-kit'
import type { JsonObject } from '@millrace/protocol'
import type { Clock } from './clock.ts'
import type { DeadLetterKeeper } from './dead/dead-letter-keeper.ts'
import { ExchangeRecorder } from './dead/exchange-recorder.ts'
import type { CompiledAction, DestinationConfig } from './destination-config.ts'
import type { Delivery } from './delivery.ts'
import type { DeliveryMetrics } from './delivery-metrics.ts'
import { RateLimit, limitRequests } from './rate-limit.ts'

export interface SenderOptions {
  config: () => DestinationConfig
  destination: AnyDestination
  /** Asked for each request, because a changed configuration may bring another client. */
  http: () => HttpClient
  dataDirectory: string
  clock: Clock
  keeper: DeadLetterKeeper
  metrics: DeliveryMetrics
  /** Aborts when requests are no longer to be begun. */
  ending: AbortSignal
  warn: (message: string) => void
}

/** Calls the code of one destination, within its rates. */
export class Sender {
  readonly #options: SenderOptions
  /** Keeps to the rate of requests. */
  readonly http: HttpClient
  readonly #requests: RateLimit
  /** Calls of actions that are under way. */
  underWay = 0
  /** Ends requests that are under way. */
  readonly #cut = new AbortController()

  constructor(options: SenderOptions) {
    this.#options = options
    this.#requests = new RateLimit(() => this.rateOf('requestsPerSecond'))
    this.http = limitRequests(options.http, this.#requests, options.clock, options.ending)
  }

  /** What the user says, else what the service asks for; 0 stands for no limit. */
  rateOf(name: 'requestsPerSecond' | 'messagesPerSecond'): number {
    const { config, destination } = this.#options
    return config().delivery[name] ?? destination.rateLimit?.[name] ?? 0
  }

  /** Whether a request could go now without waiting for the rate. */
  hasRate(nowMs: number): boolean {
    return this.#requests.waitMs(nowMs) === 0
  }

  /** Sends one batch: one outcome per delivery, in order. Does not throw. */
  async send(action: CompiledAction, deliveries: readonly Delivery[]): Promise<readonly Outcome[]> {
    const payloads: readonly Payload[] = deliveries.map(({ payload }) => payload)
    const { config, keeper, metrics, warn } = this.#options
    const { now } = this.#options.clock
    const recorder = new ExchangeRecorder(this.http, payloads.length)
    const context = { ...this.#context(), http: recorder }
    const startedMs = now()
    let outcomes: readonly Outcome[]
    this.underWay++
    try {
      outcomes = await action.action.deliver(context, payloads)
      if (outcomes.length !== payloads.length) {
        throw new Error(`"${action.actionName}" answered ${outcomes.length} outcomes for ${payloads.length} messages`)
      }
    } catch (error) {
      // A mistake in the destination's code. Trying again is safe, and the window ends it.
      const message = error instanceof Error ? error.message : String(error)
      warn(`destination "${config().id}" failed in its own code: ${message}`)
      outcomes = payloads.map(() => ({ status: 'retry', code: 'exception', message }))
    }
    this.underWay--
    metrics.request(now() - startedMs, outcomes)
    keeper.remember(recorder, payloads, outcomes)
    return outcomes
  }

  async check(): Promise<Outcome> {
    return (await this.#options.destination.check?.(this.#context())) ?? { status: 'delivered' }
  }

  cut(): void {
    this.#cut.abort()
  }

  #context(): DeliverContext<JsonObject> {
    const { clock, config, dataDirectory } = this.#options
    const { settings, id } = config()
    return { settings, http: this.http, signal: this.#cut.signal, now: clock.now, destinationId: id, dataDirectory }
  }
}
