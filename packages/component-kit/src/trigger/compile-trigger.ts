import type { MessageType } from '@millrace/protocol'
import { compileCondition } from './compile-condition.ts'
import { parseTrigger } from './parser.ts'
import { TriggerError } from './trigger-error.ts'
import { utf8Length } from './utf8-length.ts'

/** The limit of the public language, in bytes of UTF-8. */
const maxTriggerBytes = 5 * 1024

/** A compiled trigger: decides whether an action runs for a message. */
export interface Trigger {
  /** The text that was compiled, unchanged. */
  readonly text: string
  /** True if the action runs for this message. Never throws. */
  matches: (message: object) => boolean
  /**
   * Decides from the envelope alone: the type and the event name (which only track messages have).
   * Undefined means that the whole message is needed; any other answer equals `matches`.
   */
  onEnvelope: (type: MessageType, event: string | undefined) => boolean | undefined
}

const undecided = (): undefined => undefined

/**
 * Compiles an expression of the trigger language.
 * @throws {TriggerError} with the position and the remedy, when the text is not a trigger.
 * @example
 * compileTrigger('type = "track" and event = "Order Completed"').matches({ type: 'track', event: 'Order Completed' })
 */
export function compileTrigger(text: string): Trigger {
  const size = utf8Length(text)
  if (size > maxTriggerBytes) {
    throw new TriggerError(`The trigger has ${size} bytes; split it, at most ${maxTriggerBytes} are allowed`, 0)
  }
  const { matches, onEnvelope } = compileCondition(parseTrigger(text))
  return { text, matches, onEnvelope: onEnvelope ?? undecided }
}
