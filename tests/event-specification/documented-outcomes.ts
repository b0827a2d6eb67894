import assert from 'node:assert/strict'
import { standardFormOf } from '@millrace/protocol'
import type { Json, JsonObject, Message, ProfileAnswer, SourceLedger, TailEntry } from '@millrace/protocol'
import type { Example } from '../customerio/examples.ts'

/** What became of one example, at a source of its own. */
export interface Outcome {
  example: Example
  /** Accepted messages as they are stored, in order, copies included. */
  messages: readonly Message[]
  violations: readonly NonNullable<TailEntry['violations']>[]
  ledger: SourceLedger
  /** The names of the destinations that got it. */
  deliveredTo: readonly string[]
  /** Whose profile an identifier is in. */
  profile: (identifier: string) => Promise<ProfileAnswer>
}

/** `expect` of an entry of the index. */
export type Expect = JsonObject

type Check = (outcome: Outcome, expected: Json) => void | Promise<void>

const first = ({ messages }: Outcome): Message => messages[0] ?? assert.fail('nothing was accepted')
const traitsOf = (outcome: Outcome): JsonObject => first(outcome).traits as JsonObject

const rejectedAs =
  (code: string): Check =>
  ({ ledger, messages }) => {
    assert.deepEqual(ledger.rejected, { [code]: 1 })
    assert.deepEqual(messages, [])
  }

/** Each kind of outcome that the index documents, and what it means here. */
export const outcomeChecks: { readonly [kind: string]: Check } = {
  canonical_event: (outcome, expected) => assert.equal(standardFormOf(first(outcome)).event, expected),

  /** Properties in the standard form, which mappings read; fields of the message in what is stored. */
  normalise: (outcome, expected) => {
    const message = first(outcome) as unknown as JsonObject
    const standard = standardFormOf(message).properties
    const [sent = {}] = outcome.example.messages
    for (const [from, to] of Object.entries(expected as Record<string, string>)) {
      const isField = sent[from] !== undefined
      const value = isField ? sent[from] : at(sent['properties'], from)
      assert.notEqual(value, undefined, from)
      assert.deepEqual(isField ? message[to] : at(standard, to), value, `${from} as ${to}`)
      if (!isField) assert.equal(at(standard, from), undefined, from)
    }
  },

  /** What the server makes up. */
  missing: (outcome, expected) => {
    assert.deepEqual(expected, ['messageId', 'timestamps'])
    const { messageId, timestamp, receivedAt } = first(outcome)
    assert.match(messageId, /^[\w-]{20,}$/)
    assert.equal(timestamp, receivedAt)
  },

  /** Ids in the message itself, properties in its standard form. */
  coerce: (outcome, expected) => {
    const message = first(outcome)
    const standard = standardFormOf(message)
    for (const [path, value] of Object.entries(expected as JsonObject)) {
      const where = path.startsWith('properties.') ? standard : message
      assert.equal(at(where as unknown as Json, path), value, path)
    }
  },

  server: (outcome) => assert.match(first(outcome).messageId, /^[\w-]{20,}$/),

  /** `receivedAt minus 5 s`, `kept`, `about six hours before receivedAt`. */
  timestamp: (outcome, expected) => {
    const { timestamp, receivedAt } = first(outcome)
    const beforeMs = Date.parse(receivedAt) - Date.parse(timestamp)
    const said = /^receivedAt minus ([\d.]+) s$/.exec(expected as string)?.[1]
    if (said !== undefined) return assert.equal(beforeMs, Number(said) * 1000)
    if (expected === 'kept') return assert.equal(timestamp, outcome.example.messages[0]?.['timestamp'])
    assert.equal(expected, 'about six hours before receivedAt')
    return assert.ok(Math.abs(beforeMs - 6 * 3600_000) < 60_000, `${beforeMs} ms before`)
  },

  deliver_to: (outcome, expected) =>
    assert.deepEqual([...outcome.deliveredTo].sort(byText), [...(expected as string[])].sort(byText)),
  treat_as: ({ deliveredTo }, expected) => {
    assert.deepEqual(expected, {}, 'nothing is selected')
    assert.equal(deliveredTo.length, 4)
  },

  /** Null is said, what is not said stays: `tests/customerio/people.test.ts` shows what a destination makes of it. */
  phone: (outcome) => assert.equal(traitsOf(outcome)['phone'], null),
  email: (outcome) => assert.equal(Object.hasOwn(traitsOf(outcome), 'email'), false),

  /** Of two vendors that differ Millrace does in its default mode as the second, and in strict mode as the first. */
  segment: (outcome, expected) =>
    expected === 'no_user_anon_id'
      ? rejectedAs('no_identity')(outcome, expected)
      : rejectedAs('message_too_large')(outcome, expected),
  customerio: rejectedAs('message_too_large'),
  reject: rejectedAs('no_event'),

  keep: ({ ledger, messages }, expected) => {
    assert.equal(expected, 'first')
    assert.deepEqual([ledger.accepted, ledger.duplicate, ledger.resolved], [2, 1, 1])
    assert.equal(new Set(messages.map(({ messageId }) => messageId)).size, 1)
  },

  note: ({ messages, example }) => {
    const { context } = example.body as { context: { ip: string } }
    assert.equal(messages.length, 5)
    for (const message of messages) {
      const { ip, library } = message.context as { ip: Json; library: Json }
      assert.equal(ip, context.ip)
      assert.deepEqual(library, { name: 'analytics-node', version: '2.2.1' }, 'the message wins')
      assert.deepEqual(message.integrations, { All: true, Mixpanel: false })
    }
  },
}

/** What the index says of sequences in its words alone: who is who in the end. */
export const identityChecks: { readonly [file: string]: (outcome: Outcome) => Promise<void> } = {
  '63-seq-anonymous-then-identified.json': async ({ messages, profile }) => {
    const [{ anonymousId } = assert.fail()] = messages
    const { identifiers } = await profile('userId:usr_SEQ1')
    assert.ok(identifiers.includes(`anonymousId:${anonymousId}`))
  },
  '64-seq-alias-merge.json': async ({ messages, profile }) => {
    const [{ anonymousId } = assert.fail()] = messages
    const [before, after] = await Promise.all([profile(`anonymousId:${anonymousId}`), profile('userId:usr_SEQ2')])
    assert.equal(before.profileId, after.profileId)
  },
  '65-seq-shared-device-two-users.json': async ({ profile }) => {
    const [one, other] = await Promise.all([profile('userId:usr_S1'), profile('userId:usr_S2')])
    assert.notEqual(one.profileId, other.profileId)
  },
}

const byText = (a: string, b: string): number => (a < b ? -1 : 1)

/** The value at a path such as `products[].id`, where `[]` is the first item. */
const at = (value: Json | undefined, path: string): Json | undefined =>
  path
    .replaceAll('[]', '.0')
    .split('.')
    .reduce<Json | undefined>(
      (found, key) => (typeof found === 'object' && found !== null ? (found as JsonObject)[key] : undefined),
      value,
    )
