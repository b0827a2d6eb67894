import type { Message } from '@millrace/protocol'

/** Messages of one person go through one lane, so they arrive in order. FNV-1a over the person's first identifier. */
export const laneOf = (message: Message, lanes: number): number => {
  const key = message.anonymousId ?? message.userId ?? message.messageId
  let hash = 0x811c9dc5
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
  return (hash >>> 0) % lanes
}
