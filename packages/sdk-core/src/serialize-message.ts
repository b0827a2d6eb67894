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
  const { type, event, groupId, previousId, userId, anonymousId, traits, context } = message
  const missing = (field: string): string => `${field} must be a text that is not empty`
  if (type === 'track' && (typeof event !== 'string' || event === '')) return missing('event')
  if (type === 'group' && !isId(groupId)) return missing('groupId')
  if (type === 'alias' && !isId(previousId)) return missing('previousId')
  const person: { email?: unknown } | undefined = traits
  const isKnown =
    [userId, anonymousId, type === 'identify' && person?.email].some(isId) ||
    ((type === 'group' || type === 'track') && isId(groupId ?? context?.['groupId']))
  return isKnown ? undefined : missing('userId or anonymousId')
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
      reason: `${message.type}: ${bytes} bytes, over the limit of ${maxMessageBytes}`,
    }
  return { id: message.messageId, json, bytes }
}
