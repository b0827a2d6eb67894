import process from 'node:process'
import type { MessageType, OutgoingMessage, QueuedMessage, Settlement } from '@millrace/sdk-core'
import { DeliveryError } from './delivery-error.ts'
import type { Listeners } from './listeners.ts'
import { contextOf } from './message-context.ts'
import type { MessageContext } from './message-context.ts'

/** Called once, when the message was delivered, or with why it will not be. */
export type Callback = (error: DeliveryError | undefined, context: MessageContext) => void

const callTypes: readonly MessageType[] = ['track', 'identify', 'page', 'screen', 'group', 'alias']

/** Tells callbacks and listeners what became of messages. What they throw stops nothing. */
export class Reports {
  readonly #listeners: Listeners

  constructor(listeners: Listeners) {
    this.#listeners = listeners
  }

  delivered(message: QueuedMessage, callback: Callback | undefined): void {
    if (callback !== undefined) call(callback, undefined, contextOf(message))
    if (!this.#listeners.hasAny(callTypes)) return
    const context = contextOf(message)
    this.#listeners.emit(context.event.type, context)
  }

  failed(message: QueuedMessage, callback: Callback | undefined, settlement: Settlement, refusal: string): void {
    const { kind, status, error } = settlement
    const cause = status === undefined ? reasonOf(error) : `status ${status}${refusal === '' ? '' : `: ${refusal}`}`
    const failure =
      kind === 'refused'
        ? new DeliveryError('refused', `the server refused the message ${message.id} with ${cause}`, { status })
        : new DeliveryError('given_up', `the message ${message.id} was given up after ${cause}`, {
            status,
            cause: error,
          })
    this.#tell(failure, callback, contextOf(message))
  }

  /** Only who asked for this message hears of it: nothing is lost. */
  leftInSpool(message: QueuedMessage, callback: Callback | undefined): void {
    if (callback === undefined) return
    const reason = `the message ${message.id} waits in the spool for the next process that opens it`
    call(callback, new DeliveryError('left_in_spool', reason), contextOf(message))
  }

  /** A message that never came into the queue. */
  lost(message: OutgoingMessage, callback: Callback | undefined, error: DeliveryError): void {
    this.#tell(error, callback, { id: message.messageId, event: message })
  }

  plugin(cause: unknown): void {
    this.#listeners.error(new DeliveryError('plugin_failed', `a plugin failed: ${reasonOf(cause)}`, { cause }))
  }

  #tell(error: DeliveryError, callback: Callback | undefined, context: MessageContext): void {
    error.ctx = context
    if (callback !== undefined) call(callback, error, context)
    this.#listeners.error(error)
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const call = (callback: Callback, error: DeliveryError | undefined, context: MessageContext): void => {
  try {
    callback(error, context)
  } catch (thrown) {
    process.emitWarning(`a callback threw: ${reasonOf(thrown)}`, 'MillraceWarning')
  }
}
