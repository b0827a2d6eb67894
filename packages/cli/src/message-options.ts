import { messageTypes } from '@millrace/protocol'
import type { JsonObject } from '@millrace/protocol'
import type { OptionSpecs, OptionValues } from './command.ts'
import { UsageError } from './failure.ts'

/** The fields of a message as options of `send`. */
export const messageOptions = {
  event: { type: 'string', description: 'track: the name of the event.' },
  user: { type: 'string', value: 'ID', description: 'userId.' },
  anonymous: { type: 'string', value: 'ID', description: 'anonymousId.' },
  properties: { type: 'json', description: 'track, page, screen: what it was like.' },
  traits: { type: 'json', description: 'identify, group: what is known.' },
  name: { type: 'string', description: 'page, screen: its name.' },
  group: { type: 'string', value: 'ID', description: 'group: groupId.' },
  previous: { type: 'string', value: 'ID', description: 'alias: the id that the user id replaces.' },
  context: { type: 'json', description: 'Where it happened: page, device, campaign.' },
  timestamp: { type: 'string', value: 'TIME', description: 'When it happened, ISO 8601. Default: now.' },
  'message-id': { type: 'string', value: 'ID', description: 'messageId. Default: a new one.' },
} as const satisfies OptionSpecs

const fieldNames: { readonly [option in keyof typeof messageOptions]: string } = {
  event: 'event',
  user: 'userId',
  anonymous: 'anonymousId',
  properties: 'properties',
  traits: 'traits',
  name: 'name',
  group: 'groupId',
  previous: 'previousId',
  context: 'context',
  timestamp: 'timestamp',
  'message-id': 'messageId',
}

/**
 * The message that the options say. Whether its fields go together is for the server to judge, which says it best.
 * Throws `UsageError` for a type that does not exist.
 */
export function messageOf(type: string, values: OptionValues<typeof messageOptions>): JsonObject {
  if (!messageTypes.some((known) => known === type)) {
    throw new UsageError(`There is no message type "${type}". There are: ${messageTypes.join(', ')}.`)
  }
  const message: JsonObject = { type }
  for (const option of Object.keys(fieldNames) as (keyof typeof messageOptions)[]) {
    const value = values[option]
    if (value !== undefined) message[fieldNames[option]] = value
  }
  return message
}
