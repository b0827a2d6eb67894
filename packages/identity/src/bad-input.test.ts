import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MemoryStateStore } from '@millrace/testkit'
import { factsOf, namesOf } from './collect-facts.ts'
import type { IdentifierName } from './identifier.ts'
import { IdentityResolver } from './identity-resolver.ts'
import { Rules, defaultRules } from './rule-set.ts'
import { blockOf, fingerprinter } from './testing/messages.ts'
import type { SentMessage } from './testing/messages.ts'

const rules = new Rules(defaultRules)
const DAY_MS = 86_400_000
const NOW_MS = Date.UTC(2026, 5, 1)

/** Messages in the order of their times, unless they say otherwise, and the profiles that they make. */
class People {
  readonly #state = new MemoryStateStore()
  readonly #resolver: IdentityResolver
  #sent = 0

  private constructor(resolver: IdentityResolver, state: MemoryStateStore) {
    this.#resolver = resolver
    this.#state = state
  }

  static async begin(): Promise<People> {
    const state = new MemoryStateStore()
    return new People(await IdentityResolver.open({ state, rules, fingerprinter, cacheSlots: 64 }), state)
  }

  async take(...messages: readonly Partial<SentMessage>[]): Promise<void> {
    const sent = messages.map((message) => {
      const timeMs = NOW_MS + ++this.#sent
      return { messageId: `m${this.#sent}`, receivedAtMs: timeMs, timestampMs: timeMs, ...message }
    })
    const step = await this.#resolver.step([{ block: blockOf(sent), skipped: [] }])
    await this.#state.transaction((tx) => step.write(tx))
  }

  async cut(a: IdentifierName, b: IdentifierName): Promise<void> {
    const change = await this.#resolver.cut({ a, b, by: 'test', at: 'now' })
    await this.#state.transaction((tx) => change.write(tx))
  }

  async membersOf(name: IdentifierName): Promise<readonly IdentifierName[]> {
    return ((await this.#resolver.graph.profileOf(name))?.members ?? [name]).toSorted()
  }
}

describe('identifiers that name nobody', () => {
  const words = 'null undefined NULL Undefined NaN none None true false anonymous Guest distinct_id distinctid id email'
  const placeholders = [
    ...words.split(' '),
    '[object Object]',
    ...'not_authenticated 0 000 -1 00000000-0000-0000-0000-000000000000 --- "null" \'undefined\''.split(' '),
    '',
    ' ',
    '\t\n',
    ' null ',
    '" anonymous "',
  ]
  for (const value of placeholders) {
    it(`${JSON.stringify(value)} joins nobody`, async () => {
      const people = await People.begin()
      await people.take({ anonymousId: 'a1', userId: value }, { anonymousId: 'a2', userId: value })
      await people.take({ userId: 'u1', anonymousId: value }, { userId: 'u2', anonymousId: value })
      await people.take({ userId: 'u3', previousId: value }, { userId: 'u4', previousId: value })
      for (const name of ['anonymousId:a1', 'userId:u1', 'userId:u2', 'userId:u3', 'userId:u4']) {
        assert.deepEqual(await people.membersOf(name), [name])
      }
    })
  }

  it('a value of 10 KB joins nobody, one of 512 characters does', async () => {
    const people = await People.begin()
    const long = 'x'.repeat(10_240)
    await people.take({ anonymousId: long, userId: 'u1' }, { anonymousId: 'a1', userId: long })
    assert.deepEqual(await people.membersOf('userId:u1'), ['userId:u1'])
    const longest = 'x'.repeat(512)
    await people.take({ anonymousId: longest, userId: 'u1' })
    assert.deepEqual(await people.membersOf('userId:u1'), [`anonymousId:${longest}`, 'userId:u1'])
  })

  it('values that only look like placeholders name somebody', async () => {
    const people = await People.begin()
    for (const value of ['nobody', 'null-1', 'a-0', '01', '-2', 'ids', 'nullnull']) {
      await people.take({ userId: value, anonymousId: `of ${value}` })
      assert.equal((await people.membersOf(`userId:${value}`)).length, 2, value)
    }
  })
})

describe('spelling', () => {
  it('spaces around an id make no other id, and case does', async () => {
    const people = await People.begin()
    await people.take({ userId: ' u1 ', anonymousId: 'a1' }, { userId: 'u1', anonymousId: 'a2' })
    await people.take({ userId: 'U1', anonymousId: 'a3' })
    assert.deepEqual(await people.membersOf('userId:u1'), ['anonymousId:a1', 'anonymousId:a2', 'userId:u1'])
    assert.deepEqual(await people.membersOf('userId:U1'), ['anonymousId:a3', 'userId:U1'])
  })

  it('e-mail addresses differ neither by case nor by spaces', () => {
    const spellings = ['ada@example.com', ' Ada@Example.COM', 'ADA@EXAMPLE.COM\n'].map((value) => ({
      type: 'email',
      value,
    }))
    assert.deepEqual(namesOf(spellings, rules), ['email:ada@example.com'])
  })

  it('an id holds colons, quotes and text beyond ASCII', async () => {
    const people = await People.begin()
    const odd = 'a:b:"c"\\ü😀'
    await people.take({ userId: odd, anonymousId: 'a1' })
    await people.take({ userId: odd, anonymousId: 'a2' })
    assert.deepEqual(await people.membersOf('anonymousId:a2'), ['anonymousId:a1', 'anonymousId:a2', `userId:${odd}`])
  })
})

describe('aliases', () => {
  it('one to itself says nothing', () => {
    const message = { messageId: 'm', receivedAtMs: 1, timestampMs: 1, previousId: 'u1' }
    const facts = factsOf({ ...message, identifiers: [{ type: 'userId', value: 'u1' }] }, rules)
    assert.deepEqual(
      facts.map(({ a, b }) => [a, b]),
      [['anonymousId:u1', 'userId:u1']],
      'u1 may have been an anonymous id; that it is itself is no news',
    )
  })

  it('a loop of them is one profile', async () => {
    const people = await People.begin()
    await people.take({ userId: 'u1', previousId: 'u2' }, { userId: 'u2', previousId: 'u3' })
    await people.take({ userId: 'u3', previousId: 'u1' }, { userId: 'u1', previousId: 'u3' })
    const users = (await people.membersOf('userId:u2')).filter((name) => name.startsWith('userId:'))
    assert.deepEqual(users, ['userId:u1', 'userId:u2', 'userId:u3'])
  })
})

describe('times', () => {
  it('a link into the past takes the device from the user who came first by arrival', async () => {
    const people = await People.begin()
    await people.take({ userId: 'u1', anonymousId: 'a1' })
    await people.take({ userId: 'u2', anonymousId: 'a1', timestampMs: NOW_MS - DAY_MS })
    assert.deepEqual(await people.membersOf('userId:u2'), ['anonymousId:a1', 'userId:u2'])
    assert.deepEqual(await people.membersOf('userId:u1'), ['userId:u1'])
  })

  it('a clock that is years behind or ahead counts as 30 days before receipt, or as receipt', async () => {
    const people = await People.begin()
    await people.take({ userId: 'u1', anonymousId: 'a1', timestampMs: 0 })
    await people.take({ userId: 'u2', anonymousId: 'a1', timestampMs: 0, receivedAtMs: NOW_MS - DAY_MS })
    assert.deepEqual(await people.membersOf('userId:u2'), ['anonymousId:a1', 'userId:u2'], '31 days before')
    await people.take({ userId: 'u3', anonymousId: 'a3', timestampMs: NOW_MS + 9_999 * DAY_MS })
    await people.take({ userId: 'u4', anonymousId: 'a3' })
    assert.deepEqual(await people.membersOf('userId:u3'), ['anonymousId:a3', 'userId:u3'])
  })

  it('a message that is sent again after its link was undone does not make it again', async () => {
    const people = await People.begin()
    const login = { userId: 'u1', anonymousId: 'a1' }
    await people.take(login)
    await people.cut('anonymousId:a1', 'userId:u1')
    await people.take(login, { ...login, timestampMs: NOW_MS - DAY_MS })
    assert.deepEqual(await people.membersOf('userId:u1'), ['userId:u1'])
    await people.take({ userId: 'u2', anonymousId: 'a1' })
    assert.deepEqual(await people.membersOf('userId:u2'), ['anonymousId:a1', 'userId:u2'], 'and the device is free')
  })
})
