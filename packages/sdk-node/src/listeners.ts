import process from 'node:process'
import { createEmitter } from '@millrace/sdk-core'
import type { MessageType, OutgoingMessage } from '@millrace/sdk-core'
import type { DeliveryError } from './delivery-error.ts'
import type { MessageContext } from './message-context.ts'
import type { AnalyticsSettings } from './settings.ts'

/** What can be listened to, and what a listener gets. */
export type AnalyticsEvents = {
  initialize: [settings: AnalyticsSettings]
  /** A message will not arrive. */
  error: [error: DeliveryError]
  /** No message waits or is on its way any more. */
  drained: []
  /** A call came after `close`; its message is lost. */
  call_after_close: [message: OutgoingMessage]
  http_request: [request: { url: string; method: string; headers: Record<string, string>; body: unknown }]
  register: [plugins: string[]]
  deregister: [plugins: string[]]
} & {
  /** A message of this type was delivered. */
  [type in MessageType]: [context: MessageContext]
}

/** Listeners by event. An error that nobody listens to becomes a warning of the process, the first one of each code. */
export class Listeners {
  readonly #emitter = createEmitter((error) => {
    process.emitWarning(`a listener threw: ${String(error)}`, 'MillraceWarning')
  })
  readonly #warned = new Set<string>()
  /** Listeners that were ever added: mostly none, and then nothing is asked of each message. */
  #count = 0

  on<Name extends keyof AnalyticsEvents>(event: Name, listener: (...args: AnalyticsEvents[Name]) => unknown): void {
    this.#count += 1
    this.#emitter.on(event, listener)
  }

  once<Name extends keyof AnalyticsEvents>(event: Name, listener: (...args: AnalyticsEvents[Name]) => unknown): void {
    this.#count += 1
    this.#emitter.once(event, listener)
  }

  off<Name extends keyof AnalyticsEvents>(event: Name, listener: (...args: AnalyticsEvents[Name]) => unknown): void {
    this.#emitter.off(event, listener)
  }

  has(event: keyof AnalyticsEvents): boolean {
    return this.#emitter.has(event)
  }

  hasAny(events: readonly (keyof AnalyticsEvents)[]): boolean {
    return this.#count > 0 && events.some((event) => this.has(event))
  }

  emit<Name extends keyof AnalyticsEvents>(event: Name, ...args: AnalyticsEvents[Name]): void {
    this.#emitter.emit(event, ...args)
  }

  error(error: DeliveryError): void {
    if (this.#emitter.has('error')) this.#emitter.emit('error', error)
    else if (!this.#warned.has(error.code)) {
      this.#warned.add(error.code)
      process.emitWarning(`${error.message}. Listen to 'error' to hear of each message.`, 'MillraceWarning', error.code)
    }
  }
}
