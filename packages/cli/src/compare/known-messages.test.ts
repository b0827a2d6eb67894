import type { Json, JsonObject, Message } from '@millrace/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { differencesOf } from './differences.ts'
import { readExported } from './exported-message.ts'
import { KnownMessages } from './known-messages.ts'

const at = '2026-01-01T00:00:00.000Z'
const fields = fc.record(
  {
    event: fc.constantFrom('A', 'B'),
    userId: fc.constantFrom<Json>('1', 1, null),
    properties: fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.jsonValue({ maxDepth: 2 })),
    traits: fc.constantFrom<Json>(null, {}, { pairs: [] }, { a: [['b', 1]] }, { a: { b: 1 } }),
    timestamp: fc.constantFrom(at, '2026-01-01T00:00:00.900Z', '2026-01-01T00:00:02.000Z'),
  },
  { requiredKeys: [] },
)
const plain = (value: object): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject

async function* listOf(...messages: readonly Message[]): AsyncGenerator<Message> {
  yield* messages
}

test('says that a message is the same exactly when it differs nowhere', async () => {
  await fc.assert(
    fc.asyncProperty(fields, fields, fc.boolean(), async (there, other, isCopy) => {
      const line = { type: 'track', messageId: 'm-1', ...plain(there) }
      const here = { timestamp: at, receivedAt: at, ...(isCopy ? line : { ...line, ...plain(other) }) }
      const message = { ...here, type: 'track', messageId: 'm-1' } as Message
      const exported = readExported(JSON.stringify(line), 1, 'f')
      assert.ok(exported !== undefined)
      const known = new KnownMessages()
      await known.read(listOf(message))
      assert.equal(known.isSame(exported, 1000), differencesOf(exported, message, 1000).length === 0)
    }),
  )
})

test('knows the first copy of a message, and nothing of others and of lines that say less', async () => {
  const first = { type: 'track', event: 'A', messageId: 'm-1', timestamp: at, receivedAt: at } as Message
  const known = new KnownMessages()
  assert.equal(await known.read(listOf(first, { ...first, event: 'B' })), 1)
  const isSame = (line: object): boolean => {
    const exported = readExported(JSON.stringify(line), 1, 'f')
    return exported !== undefined && known.isSame(exported, 0)
  }
  assert.equal(isSame(first), true)
  assert.equal(isSame({ ...first, event: 'B' }), false)
  assert.equal(isSame({ ...first, messageId: 'm-2' }), false)
  assert.equal(isSame({ id: 'm-1', event_text: 'A' }), false)
})
