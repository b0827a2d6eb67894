import assert from 'node:assert/strict'
import type { Json, JsonObject } from '@millrace/protocol'
import type { Call } from './calls.ts'
import type { RecordedRequest } from '../recording-proxy.ts'

/** A message as a client sent it, with what its batch said. */
export interface WireMessage {
  message: JsonObject
  sentAt: Json | undefined
}

export const wireMessages = (requests: readonly RecordedRequest[]): WireMessage[] =>
  requests.flatMap(({ body }) => {
    const { batch, sentAt } = body
    const messages = batch === undefined ? [body] : (batch as JsonObject[])
    return messages.map((message) => ({ message, sentAt: message['sentAt'] ?? sentAt }))
  })

/** Every field of `part` is in `whole` with the same value; `whole` may have more. */
export const assertIncludes = (whole: Json | undefined, part: Json | undefined, path: string): void => {
  if (!isObject(part)) return assert.deepEqual(whole, part, `${path}: ${JSON.stringify(whole)}`)
  if (!isObject(whole)) return assert.fail(`${path} is ${JSON.stringify(whole)}, not ${JSON.stringify(part)}`)
  for (const key of Object.keys(part)) assertIncludes(whole[key], part[key], `${path}.${key}`)
}

/**
 * What arrived against what was called. Ids, names, properties, traits and integrations are exactly those of the call, or
 * absent (or empty, which some clients make of it); `context` holds those of the call beside the client's own.
 */
export const assertArrivedAsCalled = (arrived: JsonObject, { method, parameters, arrives = {} }: Call): void => {
  const { messageId = '', context, timestamp: _timestamp, category, ...fields } = { ...parameters, ...arrives }
  const called: Record<string, Json | undefined> = fields
  const where = `${messageId} (${method})`
  assert.equal(arrived['type'], method, where)
  for (const name of ['userId', 'anonymousId', 'groupId', 'previousId', 'event', 'name']) {
    // Some clients say null where others leave a field out.
    assert.deepEqual(arrived[name] ?? undefined, called[name], `${where}.${name}`)
  }
  if (category !== undefined) assert.equal(arrived['category'], category, `${where}.category`)
  for (const name of ['properties', 'traits', 'integrations']) {
    const own = called[name]
    if (own === undefined) assert.deepEqual(arrived[name] ?? {}, {}, `${where}.${name}`)
    // Some clients repeat the category of a page in its properties.
    else if (name === 'properties' && category !== undefined) assertIncludes(arrived[name], own, `${where}.${name}`)
    else assert.deepEqual(arrived[name] ?? {}, own, `${where}.${name}`)
  }
  assertIncludes(arrived['context'], context ?? {}, `${where}.context`)
}

/**
 * What arrived against what the client put on the wire: every field as sent, but the times, which are by the documented rule:
 * timestamp = receivedAt − (sentAt − client's time), or the client's time when there is no sentAt.
 */
export const assertArrivedAsSent = (arrived: JsonObject, { message, sentAt }: WireMessage): void => {
  const { timestamp, originalTimestamp, sentAt: _sentAt, writeKey: _writeKey, ...sent } = message
  const where = arrived['messageId'] as string
  for (const [name, value] of Object.entries(sent)) {
    const isId = ['userId', 'anonymousId', 'groupId', 'previousId'].includes(name) && typeof value === 'number'
    if (value === null) assert.equal(arrived[name] ?? null, null, `${where}.${name}`)
    else assertIncludes(arrived[name], isId ? String(value) : value, `${where}.${name}`)
  }
  assert.ok(!('writeKey' in arrived), `${where} carries the write key`)
  const clientTime = time(timestamp ?? originalTimestamp)
  assert.ok(clientTime > 0, `${where} was sent without a time`)
  const receivedAt = time(arrived['receivedAt'])
  const expected = sentAt === undefined ? clientTime : receivedAt - (time(sentAt) - clientTime)
  assert.equal(arrived['timestamp'], new Date(expected).toISOString(), `${where}.timestamp`)
  assert.equal(time(arrived['originalTimestamp']), time(originalTimestamp ?? timestamp), `${where}.originalTimestamp`)
  if (sentAt !== undefined) assert.equal(time(arrived['sentAt']), time(sentAt), `${where}.sentAt`)
}

/** A row of the warehouse against the message of which it was made. */
export const assertRowOf = (row: Readonly<Record<string, Json>>, arrived: JsonObject): void => {
  const where = `row ${row['id'] as string}`
  assert.equal(row['id'], arrived['messageId'], where)
  for (const [column, field] of [
    ['user_id', 'userId'],
    ['anonymous_id', 'anonymousId'],
  ] as const) {
    assert.equal(row[column] ?? undefined, arrived[field] ?? undefined, `${where}.${column}`)
  }
  for (const [column, field] of [
    ['received_at', 'receivedAt'],
    ['timestamp', 'timestamp'],
    ['original_timestamp', 'originalTimestamp'],
    ['sent_at', 'sentAt'],
  ] as const) {
    const stored = row[column] ?? undefined
    assert.equal(
      stored === undefined ? undefined : sqlTime(stored),
      timeOrUndefined(arrived[field]),
      `${where}.${column}`,
    )
  }
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const time = (value: Json | undefined): number => (typeof value === 'string' ? Date.parse(value) : Number.NaN)
const timeOrUndefined = (value: Json | undefined): number | undefined => (value === undefined ? undefined : time(value))
/** `2026-01-02 03:04:05.678`, in UTC. */
const sqlTime = (value: Json): number => Date.parse(`${(value as string).slice(0, 23).replace(' ', 'T')}Z`)
