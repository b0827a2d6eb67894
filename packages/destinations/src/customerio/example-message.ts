import type { JsonObject } from '@millrace/protocol'

const time = '2026-01-02T03:04:05.000Z'

/** A message of the examples: known person, known time, and what the example adds or replaces. */
export const exampleMessage = (content: JsonObject): JsonObject => ({
  messageId: 'm-1',
  anonymousId: 'anon-1',
  userId: 'u-1',
  timestamp: time,
  sentAt: time,
  receivedAt: time,
  originalTimestamp: time,
  integrations: {},
  context: {},
  ...content,
})
