import type { MessageFields, MessageOptions, MessageType, OutgoingMessage } from './message.ts'
import type { Runtime } from './runtime.ts'

/**
 * Makes the message of one call. It holds what is true now: who the person is, where, and when.
 *
 * @param options what the call says itself; it wins over `fields`, and its `context` over each key of theirs
 */
export const buildMessage = (
  type: MessageType,
  fields: MessageFields,
  options: MessageOptions,
  runtime: Pick<Runtime, 'now' | 'newId'>,
): OutgoingMessage => {
  const { timestamp, messageId, context, integrations, ...own } = options
  const message: OutgoingMessage = {
    type,
    messageId: messageId || runtime.newId(),
    timestamp: isoTime(timestamp, runtime.now()),
    ...fields,
  }
  for (const [name, value] of Object.entries(own)) if (value != null) message[name] = value
  if (context) message.context = { ...fields.context, ...context }
  if (integrations) message.integrations = { ...fields.integrations, ...integrations }
  return message
}

/** A time that is none is no reason to lose the message: then it is now. Text is the server's to read. */
const isoTime = (time: MessageOptions['timestamp'], now: number): string => {
  if (typeof time === 'string' && time !== '') return time
  const at = new Date(time || now)
  return new Date(Number.isNaN(at.getTime()) ? now : at).toISOString()
}
