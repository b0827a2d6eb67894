import type { Json } from './json.ts'

/** UTF-16 units that a messageId may have; longer ones are replaced by their hash. */
export const maxMessageIdLength = 255

/** What was done to a messageId: `assigned` when the sender gave none that is usable, `hashed` when it was too long. */
export type MessageIdFlag = 'assigned' | 'hashed'

export interface MessageId {
  messageId: string
  flag: MessageIdFlag | undefined
}

/**
 * The messageId to store. A string up to 255 characters is kept and a number becomes a string; a longer string becomes
 * its SHA-256, so that a resend still meets its first copy; anything else is replaced by a new id.
 *
 * @param assign makes a new unique id
 * @param sha256 the hash of a string's UTF-8, as lower-case hex
 */
export function messageIdOf(
  value: Json | undefined,
  assign: () => string,
  sha256: (text: string) => string,
): MessageId {
  const id = textId(value)
  if (id === undefined) return { messageId: assign(), flag: 'assigned' }
  if (id.length > maxMessageIdLength) return { messageId: sha256(id), flag: 'hashed' }
  return { messageId: id, flag: undefined }
}

/**
 * An identifier (`userId`, `anonymousId`, `groupId`, `previousId`, `messageId`) as text, or `undefined` when the value is none.
 * Numbers become strings, for clients of loosely typed languages. Integers beyond 2^53 - 1 are no identifiers: parsing
 * has rounded them already, and two people, or two messages, would share one.
 */
export function textId(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  if (typeof value !== 'number' || Math.abs(value) > Number.MAX_SAFE_INTEGER) return undefined
  return String(value)
}
