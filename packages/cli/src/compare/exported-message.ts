import { isJsonObject } from '@millrace/protocol'
import type { Json, JsonObject } from '@millrace/protocol'
import { CommandFailure } from '../failure.ts'

/** One line of an export: an id, and what the other system knows of the message. */
export interface ExportedMessage {
  messageId: string
  /** The fields that can be compared, under the names of a message; none for a line that is an id only. */
  fields: JsonObject
  /** A raw message says everything: what it leaves out is not there. A row of a warehouse says what it has columns for. */
  isComplete: boolean
}

/** The names of a message, and the columns of a warehouse that mean the same. `event` of a row is a table's name there. */
const columns = {
  type: [],
  event: ['event_text'],
  name: [],
  category: [],
  userId: ['user_id'],
  anonymousId: ['anonymous_id'],
  groupId: ['group_id'],
  previousId: ['previous_id'],
  properties: [],
  traits: [],
  timestamp: [],
} as const satisfies { [field: string]: readonly string[] }

export const comparedFields = Object.keys(columns) as (keyof typeof columns)[]

/** Heads of a list that was exported with one. */
const heads = new Set(['messageid', 'message_id', 'id'])

/**
 * Reads a line: a raw message, a row of a warehouse as JSON, or an id, bare or in quotes. Undefined for an empty line and
 * for the head of a list. Throws `CommandFailure` that names the line.
 */
export function readExported(text: string, number: number, file: string): ExportedMessage | undefined {
  const line = text.trim()
  if (line === '') return undefined
  if (!line.startsWith('{')) {
    const messageId = line.replace(/^"(.*)"$/, '$1')
    if (number === 1 && heads.has(messageId.toLowerCase())) return undefined
    if (/[\s,{}[\]"]/.test(messageId)) throw wrongLine(number, file, line)
    return { messageId, fields: {}, isComplete: false }
  }
  const value = parse(line)
  if (!isJsonObject(value)) throw wrongLine(number, file, line)
  const id = value['messageId'] ?? value['message_id'] ?? value['id']
  if (typeof id !== 'string' && typeof id !== 'number') {
    throw new CommandFailure(
      `Line ${number} of ${file} has no messageId (nor message_id or id): ${line.slice(0, 60)}. Export the ids as well.`,
    )
  }
  const isComplete = typeof value['type'] === 'string'
  return { messageId: String(id), fields: fieldsOf(value, isComplete), isComplete }
}

function fieldsOf(value: JsonObject, isComplete: boolean): JsonObject {
  const fields: JsonObject = {}
  for (const field of comparedFields) {
    const names = isComplete ? [field] : field === 'event' ? columns.event : [field, ...columns[field]]
    for (const name of names) if (value[name] !== undefined) fields[field] = value[name]
  }
  return fields
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

const wrongLine = (number: number, file: string, line: string): CommandFailure =>
  new CommandFailure(
    `Line ${number} of ${file} is neither a JSON object nor an id: ${line.slice(0, 60)}. ` +
      'Give one message a line as JSON, or one id a line.',
  )
