import type { MessageType } from '@millrace/protocol'
import { TriggerError } from './trigger-error.ts'

/** A compiled trigger: decides whether an action runs for a message. */
export interface Trigger {
  /** The text that was compiled, unchanged. */
  readonly text: string
  /** True if the action runs for this message. Never throws. */
  matches(message: object): boolean
  /**
   * Decides from the envelope alone: the type and the event name (which only track messages have).
   * Undefined means that the whole message is needed; any other answer equals `matches`.
   */
  onEnvelope(type: MessageType, event: string | undefined): boolean | undefined
}

/**
 * Compiles an expression of the trigger language.
 * @throws {TriggerError} with the position and the remedy, when the text is not a trigger.
 * @example
 * compileTrigger('type = "track" and event = "Order Completed"').matches({ type: 'track', event: 'Order Completed' })
 */
export function compileTrigger(text: string): Trigger {
  throw new TriggerError(`Not compiled yet: ${text}`, 0)
}
