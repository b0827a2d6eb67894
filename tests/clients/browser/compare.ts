import assert from 'node:assert/strict'
import type { Json, JsonObject } from '@millrace/protocol'
import { assertArrivedAsSent, assertIncludes } from '../../support/clients/compare.ts'
import type { WireMessage } from '../../support/clients/compare.ts'
import type { RecordedRequest } from '../../support/recording-proxy.ts'
import type { Arrival, Call } from './calls.ts'

export const idOf = (message: JsonObject): string => message['messageId'] as string

/** The messages of requests: one alone, or a batch. Documents that the client fetched hold none. */
export const wireMessages = (requests: readonly RecordedRequest[]): WireMessage[] =>
  requests
    .filter(({ method }) => method === 'POST')
    .flatMap(({ body }) => {
      const { batch, sentAt } = body
      const messages = Array.isArray(batch) ? (batch as JsonObject[]) : [body]
      return messages.map((message) => ({ message, sentAt: message['sentAt'] ?? sentAt }))
    })

/** Ids of what the server said 200 to: from then on it is answerable for them. */
export const acknowledgedIds = (requests: readonly RecordedRequest[]): Set<string> =>
  new Set(
    wireMessages(requests.filter(({ status, answeredBy }) => status === 200 && answeredBy === 'server')).map(
      ({ message }) => idOf(message),
    ),
  )

/**
 * Everything that was called has arrived, once, as it was called and as it was sent; nothing else has. Not in order: a page
 * sends in parallel, and the webhook keeps the order of each person only.
 */
export const assertAllArrived = (
  { arrived, requests }: { arrived: readonly JsonObject[]; requests: readonly RecordedRequest[] },
  calls: readonly Call[],
  anonymousIds: readonly string[],
): void => {
  const expected = calls
    .flatMap(({ arrives }, at) => (arrives === undefined ? [] : [{ anonymousId: anonymousIds[at] ?? '', ...arrives }]))
    .sort(byTitle)
  const sent = new Map(wireMessages(requests).map((each) => [idOf(each.message), each]))
  const received = [...arrived].sort(byClientTime).sort(byTitle)
  assert.deepEqual(received.map(titleOf), expected.map(titleOf))
  for (const [at, message] of received.entries()) {
    assertArrivedAsCalled(message, expected[at] as Arrival)
    const wire = sent.get(idOf(message))
    assert.ok(wire !== undefined, `${titleOf(message)} was not sent`)
    assertArrivedAsSent(message, wire)
  }
}

/** Tells the calls of a test apart; those of one title are told apart by the order in which they were made. */
const titleOf = ({ type, userId, event, name, groupId }: JsonObject | Arrival): string =>
  [type, event, name, type === 'group' && groupId, 'of', userId]
    .map((part) => (typeof part === 'string' ? part : ''))
    .join(' ')
const byTitle = (one: JsonObject | Arrival, other: JsonObject | Arrival): number =>
  titleOf(one) < titleOf(other) ? -1 : Number(titleOf(one) > titleOf(other))
const byClientTime = ({ originalTimestamp: one }: JsonObject, { originalTimestamp: other }: JsonObject): number =>
  Date.parse(one as string) - Date.parse(other as string)

const assertArrivedAsCalled = (message: JsonObject, arrival: Arrival): void => {
  const where = titleOf(message)
  for (const name of ['userId', 'anonymousId', 'groupId', 'previousId', 'event', 'name', 'category'] as const) {
    const { [name]: value } = message
    if (name === 'groupId' && arrival.type !== 'group') continue
    assert.equal(value === null || value === '' ? undefined : value, arrival[name], `${where}: ${name}`)
  }
  const { type, properties, traits, integrations, context, originalTimestamp } = arrival
  if (type === 'track') assert.deepEqual(message['properties'], properties, `${where}: properties`)
  else assertIncludes(message['properties'] ?? {}, properties ?? {}, `${where}: properties`)
  assert.deepEqual(orEmpty(message['traits']), traits ?? {}, `${where}: traits`)
  assertIncludes(message['integrations'] ?? {}, integrations ?? {}, `${where}: integrations`)
  assertIncludes(message['context'], context ?? {}, `${where}: context`)
  if (originalTimestamp !== undefined) assert.equal(message['originalTimestamp'], originalTimestamp, where)
}

const orEmpty = (value: Json | undefined): Json => value ?? {}
