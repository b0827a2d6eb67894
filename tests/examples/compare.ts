import assert from 'node:assert/strict'
import type { Json, JsonObject } from '@millrace/protocol'
import type { FakeCustomerIo } from '@millrace/testkit'
import type { Expectations, ExpectedMessage } from './expectations.ts'

/** The anonymousIds of a run by those of the page: the same, but in the browser, whose client makes its own. */
export type AnonymousIds = ReadonlyMap<string, string>

/**
 * Compares what the webhook got with the page, in any order, and gives the anonymousIds. What is left out: messageId, times,
 * context, integrations, which each client fills in its own way.
 */
export const assertMessages = (
  arrived: readonly JsonObject[],
  { messages, namesAnonymousIds }: Expectations,
  isBrowser: boolean,
): AnonymousIds => {
  const expected = inOrder(isBrowser ? withRememberedTraits(messages) : messages)
  const actual = inOrder(arrived.map(messageOf))
  assert.deepEqual(actual.map(withoutAnonymousId), expected.map(withoutAnonymousId))
  if (!isBrowser) assert.deepEqual(actual, expected)
  for (const { anonymousId } of actual) assert.ok(!isBrowser || anonymousId !== undefined, 'the browser always has one')
  const ids = new Map<string, string>()
  if (!namesAnonymousIds) return ids
  for (const [at, { anonymousId = '' }] of expected.entries()) {
    const own = actual[at]?.anonymousId ?? ''
    assert.equal(ids.get(anonymousId) ?? own, own, `${anonymousId} is one browser`)
    ids.set(anonymousId, own)
  }
  assert.equal(new Set(ids.values()).size, ids.size, 'different anonymousIds are different browsers')
  return ids
}

/** Compares the people of the page and their events with those at Customer.io, the order of the events too. */
export const assertCustomerIo = (fake: FakeCustomerIo, expectations: Expectations, ids: AnonymousIds): void => {
  const { namesAnonymousIds, people, events } = expectations
  const own = (attributes: JsonObject): JsonObject => rename(attributes, ids)
  const seen = (attributes: JsonObject): JsonObject => {
    const { anonymous_id: _anonymousId, ...rest } = attributes
    return namesAnonymousIds ? attributes : rest
  }
  for (const { id, email, attributes } of people) {
    const person = fake.person(id)
    assert.ok(person !== undefined, `${id} is not at Customer.io`)
    assert.equal(person.email, email)
    assert.deepEqual(seen(person.attributes), own(attributes), id)
    const theirs = events.filter((event) => event.person === id)
    assert.deepEqual(
      sorted(fake.eventsOf(id).map(({ name, attributes }) => ({ event: name, attributes: seen(attributes) }))),
      sorted(theirs.map(({ event, attributes }) => ({ event, attributes: own(attributes) }))),
      `events of ${id}`,
    )
  }
  const known = new Set(people.map(({ id }) => id))
  assert.deepEqual(
    events.filter(({ person }) => !known.has(person)),
    [],
    'every event belongs to one of the people',
  )
  for (const id of ids.values()) assert.deepEqual(fake.anonymousEvents(id), [], `${id} is nobody's any more`)
}

const messageOf = (message: JsonObject): ExpectedMessage => {
  const { type, event, userId, anonymousId, traits, properties } = message
  return {
    type: type as string,
    ...(typeof event === 'string' && { event }),
    ...(typeof userId === 'string' && { userId }),
    ...(typeof anonymousId === 'string' && { anonymousId }),
    data: ((type === 'identify' ? traits : properties) ?? {}) as JsonObject,
  }
}

/** The browser's client sends with each identify what it knows of the same person from before. */
const withRememberedTraits = (messages: readonly ExpectedMessage[]): ExpectedMessage[] => {
  const remembered = new Map<string | undefined, JsonObject>()
  return messages.map((message) => {
    if (message.type !== 'identify') return message
    const data = { ...remembered.get(message.userId), ...message.data }
    remembered.set(message.userId, data)
    return { ...message, data }
  })
}

const withoutAnonymousId = ({ anonymousId: _anonymousId, ...rest }: ExpectedMessage) => rest

/** By everything but the anonymousId, which is not the same everywhere. */
const inOrder = (messages: readonly ExpectedMessage[]): ExpectedMessage[] => {
  const key = (message: ExpectedMessage): string => canonical(withoutAnonymousId(message))
  return [...messages].sort((one, other) => (key(one) < key(other) ? -1 : 1))
}

const sorted = <T extends JsonObject>(values: readonly T[]): T[] =>
  [...values].sort((one, other) => (canonical(one) < canonical(other) ? -1 : 1))

const rename = (attributes: JsonObject, ids: AnonymousIds): JsonObject => {
  const { anonymous_id: anonymousId } = attributes
  if (typeof anonymousId !== 'string') return attributes
  return { ...attributes, anonymous_id: ids.get(anonymousId) ?? anonymousId }
}

/** A text in which the order of keys does not matter. */
const canonical = (value: Json | undefined): string =>
  JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  )
