import { maxMessageBytes } from './limits.ts'
import type { OutgoingMessage } from './message.ts'
import { utf8Bytes } from './utf8-bytes.ts'

/** Why a message cannot be sent; the server would refuse it as well. */
export interface InvalidMessage {
  code: 'invalid_message' | 'message_too_large' | 'not_serializable'
  /** Names the field and the remedy. */
  reason: string
}

/** A message ready for the wire. What the application does to its objects from now on changes nothing. */
export interface Serialized {
  id: string
  json: string
  /** Of `json` in UTF-8. */
  bytes: number
}

const isId = (value: unknown): boolean => (typeof value === 'string' && value !== '') || typeof value === 'number'

/**
 * What is wrong with a message, by the rules of the server; undefined when nothing is. Who it is about: one of userId and
 * anonymousId, except that an identify may have an email, and a group or track with a groupId none.
 */
export const problemOf = (message: OutgoingMessage): string | undefined => {
  const { type, event, groupId, previousId, userId, anonymousId, traits } = message
  if (type === 'track' && (typeof event !== 'string' || event === '')) return 'event must be a text that is not empty'
  if (type === 'group' && !isId(groupId)) return 'groupId must be a text that is not empty'
  if (type === 'alias' && !isId(previousId)) return 'previousId must be a text that is not empty'
  if (isId(userId) || isId(anonymousId)) return undefined
  const person: { email?: unknown } | undefined = traits
  if (type === 'identify' && isId(person?.email)) return undefined
  if ((type === 'group' || type === 'track') && isId(groupId ?? message.context?.['groupId'])) return undefined
  return 'one of userId and anonymousId must be a text that is not empty'
}

/** Checks a message and writes it as JSON. Sizes are those of the bytes that are sent. */
export const serializeMessage = (message: OutgoingMessage): Serialized | InvalidMessage => {
  const problem = problemOf(message)
  if (problem) return { code: 'invalid_message', reason: `${message.type}: ${problem}` }
  let json: string
  try {
    json = JSON.stringify(message)
  } catch (error) {
    return { code: 'not_serializable', reason: `${message.type}: ${String(error)}` }
  }
  const bytes = utf8Bytes(json)
  if (bytes > maxMessageBytes)
    return {
      code: 'message_too_large',
      reason: `${message.type}: ${bytes} bytes are more than ${maxMessageBytes}; send less with it`,
    }
  return { id: message.messageId, json, bytes }
}
