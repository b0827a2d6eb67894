import type { JsonObject } from '@millrace/protocol'

/**
 * The envelope in which Segment and Customer.io document the events of email tools: `action` in place of the type, `user_id`
 * in place of the user id. Each is read only where the message would be refused without, so they are ordinary fields of
 * all others.
 */
export const readLegacyEnvelope = (message: JsonObject): void => {
  const { type, action, userId, anonymousId, user_id: legacyId } = message
  if (type === undefined && action !== undefined) message['type'] = action
  if (userId === undefined && anonymousId === undefined && legacyId !== undefined) message['userId'] = legacyId
}
