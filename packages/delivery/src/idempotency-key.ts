import { hash } from 'node:crypto'

/** One key per delivery, the same at every attempt and after a restart. Ids have no line breaks, messageIds come last. */
export const idempotencyKey = (destination: string, action: string, messageId: string): string =>
  hash('sha256', `${destination}\n${action}\n${messageId}`, 'base64url')
