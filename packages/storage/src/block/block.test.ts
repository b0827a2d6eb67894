import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { Json, JsonObject } from '@millrace/protocol'
import { messageTypes } from '@millrace/protocol'
import { Fingerprinter } from '../fingerprint.ts'
import { BlockBuilder } from './block-builder.ts'
import { Block } from './block.ts'
import type { Rejection } from './envelope.ts'
import type { BatchDefaults, ClientInfo } from './envelope.ts'
import { MAX_ROWS, VERSION, header, rowFlags } from './layout.ts'

const fingerprinter = new Fingerprinter(Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1))
const receivedAtMs = Date.UTC(2026, 0, 1)
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom('', '\0', '\uffff', '😀', '"\\'))
/** Any JSON object, `__proto__` keys included, as JSON.parse gives it. */
const jsonObject: fc.Arbitrary<JsonObject> = fc
  .dictionary(fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'type')), fc.jsonValue({ maxDepth: 3 }))
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject)

const batches: BatchDefaults[] = [{ context: { app: 'shop' } }, { integrations: { All: false } }, {}]
const clients: ClientInfo[] = [{ browser: 'Firefox', os: 'Linux' }, { bot: true }]

const arbitraryMessage = fc.record({
  kind: fc.constant('message' as const),
  source: fc.constantFrom('web', 'shop', 'é😀', ''),
  type: fc.constantFrom(...messageTypes),
  event: fc.option(fc.oneof(text, fc.constantFrom('Signed Up', 'Order Completed', '__proto__')), { nil: undefined }),
  receivedAtMs: fc.nat({ max: 2 ** 42 }),
  messageId: fc.string({ unit: 'binary', minLength: 1, maxLength: 255 }),
  userId: fc.option(text, { nil: undefined }),
  flags: fc.nat({ max: 255 }),
  batch: fc.option(fc.nat({ max: batches.length - 1 }), { nil: undefined }),
  client: fc.option(fc.nat({ max: clients.length - 1 }), { nil: undefined }),
  raw: jsonObject,
  before: fc.uint8Array({ maxLength: 5 }),
})
const arbitraryRejection = fc.record({
  kind: fc.constant('rejection' as const),
  source: fc.constantFrom('web', ''),
  receivedAtMs: fc.nat({ max: 2 ** 42 }),
  code: text,
  body: fc.uint8Array({ maxLength: 300 }),
})

describe('a block', () => {
  it('gives back what was put into it: messages of every kind, and rejections between them', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 4, arbitrary: arbitraryMessage }, arbitraryRejection)), (rows) => {
        const builder = new BlockBuilder(fingerprinter)
        for (const row of rows) {
          if (row.kind === 'rejection') {
            const rejection: Rejection = { code: row.code, reason: 'not accepted', count: 1 }
            builder.addRejection(row.source, row.receivedAtMs, rejection, Buffer.from(row.body))
            continue
          }
          const raw = Buffer.from(JSON.stringify(row.raw))
          const body = Buffer.concat([row.before, raw, Buffer.from(',')])
          const start = row.before.length
          builder.addMessage(
            {
              source: row.source,
              type: row.type,
              ...(row.event === undefined
                ? {}
                : { event: row.event, standardEvent: { name: `${row.event}!`, category: `${row.event}?` } }),
              receivedAtMs: row.receivedAtMs,
              envelope: { messageId: row.messageId, ...(row.userId === undefined ? {} : { userId: row.userId }) },
              flags: row.flags,
              batch: row.batch === undefined ? undefined : batches[row.batch],
              client: row.client === undefined ? undefined : clients[row.client],
            },
            body,
            start,
            start + raw.length,
          )
        }
        const block = new Block(builder.build())
        assert.equal(block.rowCount, rows.length)
        assert.equal(block.messageCount, rows.filter(({ kind }) => kind === 'message').length)
        assert.equal(block.firstReceivedAtMs, rows[0]?.receivedAtMs ?? 0)
        for (const [index, row] of rows.entries()) {
          assert.equal(block.isMessage(index), row.kind === 'message')
          assert.equal(block.source(index), row.source)
          assert.equal(block.receivedAtMs(index), row.receivedAtMs)
          if (row.kind === 'rejection') {
            assert.equal(block.type(index), undefined)
            assert.equal(block.event(index), undefined)
            assert.equal(block.rejection(index).code, row.code)
            assert.deepEqual(block.raw(index), Buffer.from(row.body))
            assert.deepEqual([block.fingerprintLow(index), block.fingerprintHigh(index), block.flags(index)], [0, 0, 0])
            continue
          }
          assert.equal(block.type(index), row.type)
          assert.equal(block.event(index), row.event)
          assert.equal(block.standardEvent(index), row.event === undefined ? undefined : `${row.event}!`)
          assert.equal(block.eventCategory(index), row.event === undefined ? undefined : `${row.event}?`)
          assert.equal(block.flags(index), row.flags)
          assert.equal(block.envelope(index).userId, row.userId)
          assert.deepEqual(block.batch(index), row.batch === undefined ? undefined : batches[row.batch])
          assert.deepEqual(block.client(index), row.client === undefined ? undefined : clients[row.client])
          assert.equal(block.raw(index).toString(), JSON.stringify(row.raw))
          const { low, high } = fingerprinter.of(row.messageId)
          assert.deepEqual([block.fingerprintLow(index), block.fingerprintHigh(index)], [low, high])
          const message = block.message(index)
          assert.equal(message.messageId, row.messageId)
          assert.equal(message.type, row.type)
          for (const name of Object.keys(row.raw)) {
            if (['type', 'messageId', 'receivedAt', 'context', 'integrations', 'writeKey'].includes(name)) continue
            assert.deepEqual(message[name], row.raw[name])
          }
        }
      }),
      { numRuns: 150 },
    )
  })

  it('holds MAX_ROWS rows with as many sources, events, batches and clients, and refuses one more', () => {
    const builder = new BlockBuilder(fingerprinter)
    const raw = Buffer.from('{}')
    const add = (index: number): void =>
      builder.addMessage(
        {
          source: `source ${index}`,
          type: 'track',
          event: `event ${index}`,
          receivedAtMs: receivedAtMs + index,
          envelope: { messageId: `${index}` },
          batch: { context: { index } },
          client: { browser: `${index}` },
        },
        raw,
        0,
        raw.length,
      )
    for (let index = 0; index < MAX_ROWS; index++) {
      assert.equal(builder.isFull, false)
      add(index)
    }
    assert.equal(builder.isFull, true)
    const bytes = builder.build()
    assert.throws(() => add(MAX_ROWS), RangeError)
    assert.throws(() => builder.addRejection('', 0, { code: 'x', reason: 'x', count: 1 }, raw), RangeError)
    assert.deepEqual(builder.build(), bytes, 'a refused row leaves nothing')
    const block = new Block(bytes)
    assert.equal(block.rowCount, MAX_ROWS)
    for (const index of [0, 1, 255, 256, MAX_ROWS - 1]) {
      assert.equal(block.source(index), `source ${index}`)
      assert.equal(block.event(index), `event ${index}`)
      assert.deepEqual(block.message(index).context, { index, client: { browser: `${index}` } })
    }
  })

  it('stores what many messages share once', () => {
    const shared: BatchDefaults = { context: { long: 'x'.repeat(10_000) } }
    const builder = new BlockBuilder(fingerprinter)
    const raw = Buffer.from('{}')
    for (let index = 0; index < 100; index++) {
      const envelope = { messageId: `${index}` }
      builder.addMessage({ source: 'web', type: 'page', receivedAtMs, envelope, batch: shared }, raw, 0, 2)
    }
    const block = new Block(builder.build())
    assert.equal(block.dictionary.batches.length, 1)
    assert.ok(block.bytes.length < 20_000)
    assert.deepEqual(block.dictionary.sources, ['web'])
  })

  it('states its size without the dictionary while it is built, counting a character of an envelope as a byte', () => {
    const builder = new BlockBuilder(fingerprinter)
    const body = Buffer.from('{"type":"track"}')
    for (let index = 0; index < 300; index++) {
      const envelope = { messageId: `m-${index}` }
      builder.addMessage({ source: 'web', type: 'track', receivedAtMs, envelope }, body, 0, body.length)
    }
    const bytes = builder.build()
    assert.equal(bytes.length, builder.byteLength + bytes.readUInt32LE(header.dictionaryBytes))
  })

  it('takes bodies far larger than its first buffer', () => {
    const builder = new BlockBuilder(fingerprinter)
    const bodies = [10, 200_000, 3_000_000, 5].map((size) => Buffer.alloc(size, `${size} `))
    for (const body of bodies) builder.addRejection('', receivedAtMs, { code: 'x', reason: '', count: 1 }, body)
    const block = new Block(builder.build())
    for (const [index, body] of bodies.entries()) assert.ok(block.raw(index).equals(body))
  })

  it('takes envelopes whose UTF-8 is three times as long as their text', () => {
    const builder = new BlockBuilder(fingerprinter)
    const reason = '商'.repeat(60_000)
    for (let index = 0; index < 3; index++) {
      builder.addRejection('', receivedAtMs, { code: 'x', reason, count: index }, Buffer.from('body'))
    }
    const block = new Block(builder.build())
    for (let index = 0; index < 3; index++) {
      assert.deepEqual(block.rejection(index), { code: 'x', reason, count: index })
      assert.equal(block.raw(index).toString(), 'body')
    }
  })

  it('gives a new object at each call', () => {
    const raw = Buffer.from('{"context":{"page":{"path":"/"}}}')
    const builder = new BlockBuilder(fingerprinter)
    const batch = { context: { app: 'shop' } }
    builder.addMessage({ source: 'web', type: 'page', receivedAtMs, envelope: { messageId: '1' }, batch }, raw, 0, 33)
    const block = new Block(builder.build())
    const first = block.message(0)
    const page = (first.context as JsonObject)['page'] as JsonObject
    page['path'] = '/changed'
    ;(first.context as JsonObject)['app'] = 'changed' satisfies Json
    assert.deepEqual(block.message(0).context, { app: 'shop', page: { path: '/' } })
  })

  it('has row flags that are distinct bits', () => {
    const bits = Object.values(rowFlags)
    assert.equal(
      bits.reduce((all, bit) => all | bit, 0),
      bits.reduce((sum, bit) => sum + bit, 0),
    )
  })

  it('refuses bytes that are no block, and blocks of a newer format', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(31), Buffer.alloc(64), Buffer.from('MRB1')]) {
      assert.throws(() => new Block(bytes), /not a block/)
    }
    const newer = new BlockBuilder(fingerprinter).build()
    newer.writeUInt32LE(VERSION + 1, header.version)
    assert.throws(() => new Block(newer), /newer Millrace/)
  })
})
