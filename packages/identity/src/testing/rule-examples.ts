import type { RuleSet } from '../rule-set.ts'
import { defaultRules } from '../rule-set.ts'

/**
 * What other systems say of their own rules, with the rule set that does the same here. Each example is a list of messages in the
 * order of their times, and the profiles of two identifiers and more that they make.
 */
export interface RuleExample {
  readonly rule: string
  readonly messages: readonly ExampleMessage[]
  readonly profiles: readonly (readonly string[])[]
  /** The reasons of refused links, in order. */
  readonly refused?: readonly string[]
}

export interface ExampleMessage {
  /** As `type:value`. */
  readonly ids: readonly string[]
  readonly previousId?: string
}

export interface RuleExamples {
  readonly system: string
  readonly rules: RuleSet
  readonly examples: readonly RuleExample[]
}

const together = (...ids: readonly string[]): ExampleMessage => ({ ids })
const devices = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => `anonymousId:a${from + at}`)

/** userId first, then email, then the others by name; one userId for ever, five of all others. */
const segment: RuleExamples = {
  system: 'Segment Unify',
  rules: {
    ...defaultRules,
    types: [
      { type: 'userId', limit: 1 },
      { type: 'email', limit: 5 },
    ],
    blockedValues: ['test-user'],
  },
  examples: [
    {
      rule: 'no profile matches: one is made; one matches: the identifiers are added; two match: they are merged',
      messages: [
        together('anonymousId:a1', 'email:ada@example.com'),
        together('userId:u1', 'android.id:d1'),
        together('userId:u1', 'email:ada@example.com'),
      ],
      profiles: [['userId:u1', 'email:ada@example.com', 'android.id:d1', 'anonymousId:a1']],
    },
    {
      rule: 'user_id abc456 with the email of abc123: the email is demoted, and abc456 is another profile',
      messages: [
        together('userId:abc123', 'email:jane@example.com'),
        together('userId:abc456', 'email:jane@example.com'),
        together('userId:abc456', 'anonymousId:a2'),
      ],
      profiles: [
        ['userId:abc123', 'email:jane@example.com'],
        ['userId:abc456', 'anonymousId:a2'],
      ],
      refused: ['limit'],
    },
    {
      rule: 'a sixth anonymous id is not added',
      messages: devices(1, 6).map((id) => together('userId:u1', id)),
      profiles: [['userId:u1', ...devices(1, 5)]],
      refused: ['limit'],
    },
    {
      rule: 'two profiles of three anonymous ids each are not merged: they would have six',
      messages: [
        ...devices(1, 3).map((id) => together('email:one@example.com', id)),
        ...devices(4, 6).map((id) => together('email:two@example.com', id)),
        together('email:one@example.com', 'email:two@example.com'),
      ],
      profiles: [
        ['email:one@example.com', ...devices(1, 3)],
        ['email:two@example.com', ...devices(4, 6)],
      ],
      refused: ['limit'],
    },
    {
      rule: 'blocked values are not promoted: the suggested ones, and those of the space',
      messages: [
        ...['0000-0000', '-1', 'null', 'anonymous'].map((value) => together('userId:u1', `anonymousId:${value}`)),
        together('userId:u1', 'anonymousId:test-user'),
      ],
      profiles: [],
      refused: ['blocked_value'],
    },
  ],
}

const illegalIds = [
  ...'Anonymous GUEST distinct_id DistinctId id not_authenticated email undefined True false'.split(' '),
  ...'NaN None none null 0 "guest" \'None\''.split(' '),
  '[object Object]',
  '',
]

/** A distinct id is a userId once a person is identified; anonymous ids are not limited. */
const postHog: RuleExamples = {
  system: 'PostHog',
  rules: {
    ...defaultRules,
    types: [
      { type: 'userId', limit: 1 },
      { type: 'anonymousId', limit: 1_000 },
    ],
  },
  examples: [
    {
      rule: '$identify of an anonymous person adds its ids to the identified one',
      messages: devices(1, 8).map((id) => together('userId:u1', id)),
      profiles: [['userId:u1', ...devices(1, 8)]],
    },
    {
      rule: '$identify does not merge a person who is identified already',
      messages: [together('userId:u1', 'anonymousId:a1'), together('userId:u2', 'anonymousId:a1')],
      profiles: [['userId:u1', 'anonymousId:a1']],
      refused: ['limit'],
    },
    {
      rule: '$merge_dangerously merges two identified people; here an alias says so, and can be undone',
      messages: [
        together('userId:u1', 'anonymousId:a1'),
        together('userId:u2', 'anonymousId:a2'),
        { ids: ['userId:u2'], previousId: 'u1' },
      ],
      profiles: [['userId:u1', 'userId:u2', 'anonymousId:a1', 'anonymousId:a2', 'anonymousId:u1']],
    },
    {
      rule: 'equal ids: nothing happens',
      messages: [together('userId:u1', 'userId:u1')],
      profiles: [],
    },
    {
      rule: 'illegal ids refuse the merge',
      messages: illegalIds.map((value) => together('userId:u1', `anonymousId:${value}`)),
      profiles: [],
    },
  ],
}

/** The rules of its warehouse: whatever is seen together is one, without limits. */
const rudderStack: RuleExamples = {
  system: 'RudderStack',
  rules: {
    ...defaultRules,
    types: [
      { type: 'userId', limit: 1_000_000 },
      { type: 'anonymousId', limit: 1_000_000 },
    ],
    defaultLimit: 1_000_000,
    maxIdentifiers: 1_000_000,
    maxMerges: 1_000_000,
    hubLinks: 1_000_000,
  },
  examples: [
    {
      rule: 'every event gives anonymous_id with user_id; what matches either side is one',
      messages: [
        together('anonymousId:a1', 'userId:u1'),
        together('anonymousId:a2', 'userId:u2'),
        together('anonymousId:a1', 'userId:u2'),
      ],
      profiles: [['userId:u1', 'userId:u2', 'anonymousId:a1', 'anonymousId:a2']],
    },
    {
      rule: 'nothing protects a shared device: all its users are one',
      messages: Array.from({ length: 20 }, (_, at) => together('anonymousId:kiosk', `userId:u${at}`)),
      profiles: [[...Array.from({ length: 20 }, (_, at) => `userId:u${at}`), 'anonymousId:kiosk']],
    },
    {
      rule: 'alias gives userId with previousId',
      messages: [together('userId:u2', 'anonymousId:a2'), { ids: ['userId:u1'], previousId: 'u2' }],
      profiles: [['userId:u1', 'userId:u2', 'anonymousId:a2', 'anonymousId:u2']],
    },
    {
      rule: 'a merge call gives two identifiers of any type',
      messages: [together('email:a@example.com', 'phone:+4312345')],
      profiles: [['email:a@example.com', 'phone:+4312345']],
    },
  ],
}

export const ruleExamples: readonly RuleExamples[] = [segment, postHog, rudderStack]
