import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Json, JsonObject, Message } from '@millrace/protocol'
import { applyOverlay, mergeUnder } from './overlay.ts'
import type { Overlay } from './overlay.ts'

const receivedAtMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678)

/** What becomes of a message, given as JSON text so that `__proto__` is a key. */
const overlaid = (raw: string, overlay: Partial<Overlay> = {}): Message =>
  applyOverlay(JSON.parse(raw) as JsonObject, {
    type: 'track',
    receivedAtMs,
    envelope: { messageId: 'm1' },
    ...overlay,
  })
const parse = (text: string): JsonObject => JSON.parse(text) as JsonObject

describe('the overlay', () => {
  it('sets type, messageId and our receivedAt over what the client sent', () => {
    assert.deepEqual(overlaid('{"type":"Track","messageId":7,"receivedAt":"x","event":"A"}', { type: 'page' }), {
      type: 'page',
      messageId: 'm1',
      receivedAt: '2026-01-02T03:04:05.678Z',
      event: 'A',
    })
  })

  it('formats the time of each message, though it remembers the last one', () => {
    const times = [receivedAtMs, receivedAtMs, 0, receivedAtMs + 1]
    assert.deepEqual(
      times.map((ms) => overlaid('{}', { receivedAtMs: ms }).receivedAt),
      times.map((ms) => new Date(ms).toISOString()),
    )
  })

  it('sets the corrected fields last, receivedAt of a forwarded message included', () => {
    const set = { userId: '42', timestamp: 't', receivedAt: 'forwarded' }
    const message = overlaid('{"userId":42}', { envelope: { messageId: 'm1', set } })
    assert.equal(message.userId, '42')
    assert.equal(message.timestamp, 't')
    assert.equal(message.receivedAt, 'forwarded')
  })

  it('removes the write key of the message, and only at its top', () => {
    const message = overlaid('{"writeKey":"secret","properties":{"writeKey":"a property"}}')
    assert.equal('writeKey' in message, false)
    assert.deepEqual(message['properties'], { writeKey: 'a property' })
  })

  it('keeps `__proto__` and `constructor` as ordinary keys', () => {
    const raw = '{"__proto__":{"a":1},"constructor":"c","context":{"__proto__":{"own":1},"constructor":2}}'
    const batch = { context: parse('{"__proto__":{"base":1},"toString":"t","constructor":{"x":1}}') }
    const message = overlaid(raw, { batch, envelope: { messageId: 'm1', ip: '1.1.1.1' } })
    assert.equal(
      JSON.stringify(message.context),
      '{"__proto__":{"base":1,"own":1},"toString":"t","constructor":2,"ip":"1.1.1.1"}',
    )
    assert.deepEqual(Object.getOwnPropertyDescriptor(message, '__proto__')?.value, { a: 1 })
    assert.equal(Object.getPrototypeOf(message), Object.prototype)
    assert.equal(({} as JsonObject)['base'], undefined)
  })

  it('sets a corrected field named `__proto__` as an ordinary key', () => {
    const message = overlaid('{}', { envelope: { messageId: 'm1', set: parse('{"__proto__":{"polluted":1}}') } })
    assert.deepEqual(Object.getOwnPropertyDescriptor(message, '__proto__')?.value, { polluted: 1 })
    assert.equal(message['polluted'], undefined)
  })
})

describe("a batch's context and integrations", () => {
  const merge = (own: Json | undefined, base: JsonObject): Json | undefined => {
    const raw: JsonObject = own === undefined ? {} : { context: own }
    return overlaid(JSON.stringify(raw), { batch: { context: base } }).context
  }

  it('are merged object by object, and the message wins', () => {
    assert.deepEqual(
      merge(
        { app: { name: 'own', deep: { a: 1 } }, only: 1 },
        { app: { name: 'base', version: 2, deep: { b: 2 } }, locale: 'sv' },
      ),
      { app: { name: 'own', version: 2, deep: { a: 1, b: 2 } }, only: 1, locale: 'sv' },
    )
  })

  it('are replaced where the message has an array, or a value of another kind', () => {
    assert.deepEqual(merge({ a: [1] }, { a: [2, 3] }), { a: [1] })
    assert.deepEqual(merge({ a: {} }, { a: [2] }), { a: {} })
    assert.deepEqual(merge({ a: [] }, { a: { b: 1 } }), { a: [] })
    assert.deepEqual(merge({ a: 1 }, { a: { b: 1 } }), { a: 1 })
    assert.deepEqual(merge({ a: { b: 1 } }, { a: 1 }), { a: { b: 1 } })
  })

  it('do not come back where the message says null, false, zero or an empty text', () => {
    for (const value of [null, false, 0, '']) assert.deepEqual(merge({ a: value }, { a: { b: 1 } }), { a: value })
    assert.equal(merge(null, { a: 1 }), null)
    assert.deepEqual(merge({ a: 1 }, { a: null, b: null }), { a: 1, b: null })
  })

  it('are taken whole where the message has none', () => {
    assert.deepEqual(merge(undefined, { a: { b: [1] } }), { a: { b: [1] } })
    assert.deepEqual(merge({}, { a: 1 }), { a: 1 })
  })

  it("let the message's own integrations win, All included", () => {
    const of = (own: JsonObject, base: JsonObject): unknown =>
      overlaid(JSON.stringify({ integrations: own }), { batch: { integrations: base } }).integrations
    assert.deepEqual(of({ All: true }, { All: false, Webhook: true }), { All: true, Webhook: true })
    assert.deepEqual(of({ Webhook: false }, { All: false, Webhook: { a: 1 } }), { All: false, Webhook: false })
    assert.deepEqual(of({ Webhook: { b: 2 } }, { Webhook: { a: 1, b: 1 } }), { Webhook: { a: 1, b: 2 } })
  })

  it('are not changed by what is merged or filled in, for one message after another', () => {
    const batch = { context: { app: { name: 'shop' } }, integrations: { All: false } }
    const before = structuredClone(batch)
    const ips = ['1.1.1.1', '2.2.2.2'].map((ip) => {
      const message = overlaid('{}', { batch, envelope: { messageId: 'm', ip, userAgent: ip }, client: { os: ip } })
      return message.context
    })
    assert.deepEqual(
      ips,
      ['1.1.1.1', '2.2.2.2'].map((ip) => ({ app: { name: 'shop' }, ip, userAgent: ip, client: { os: ip } })),
    )
    assert.deepEqual(batch, before)
  })

  it('are merged without changing either side', () => {
    const own = { a: { b: 1 } }
    const base = { a: { c: 2 }, d: 3 }
    assert.deepEqual(mergeUnder(own, base), { a: { b: 1, c: 2 }, d: 3 })
    assert.deepEqual([own, base], [{ a: { b: 1 } }, { a: { c: 2 }, d: 3 }])
  })
})

describe('traits in the context', () => {
  const identified = (raw: string, overlay: Partial<Overlay> = {}): Json | undefined =>
    (overlaid(raw, { type: 'identify', ...overlay }) as unknown as JsonObject)['traits']

  it('gives an identify without traits those of its context', () => {
    const raw = '{"context":{"traits":{"email":"a@example.com"}}'
    assert.deepEqual(identified(`${raw}}`), { email: 'a@example.com' })
    assert.deepEqual(identified(`${raw},"traits":{}}`), { email: 'a@example.com' })
    assert.deepEqual(identified('{}', { batch: { context: { traits: { plan: 'pro' } } } }), { plan: 'pro' })
    assert.deepEqual(overlaid(`${raw}}`, { type: 'identify' }).context?.['traits'], { email: 'a@example.com' })
  })

  it('leaves what an identify says itself, and every other call', () => {
    const context = '"context":{"traits":{"email":"a@example.com"}}'
    assert.deepEqual(identified(`{${context},"traits":{"plan":"pro"}}`), { plan: 'pro' })
    assert.equal(identified(`{${context},"traits":null}`), null)
    assert.equal(identified('{"context":{"traits":{}}}'), undefined)
    assert.equal(identified('{"context":{"traits":"x"}}'), undefined)
    assert.equal(identified('{"context":null}'), undefined)
    for (const type of ['track', 'group', 'page'] as const)
      assert.equal(identified(`{${context}}`, { type }), undefined)
  })
})

describe('enrichment', () => {
  const envelope = { messageId: 'm1', ip: '10.0.0.1', userAgent: 'Agent' }

  it('fills what is missing, and makes the context when there is none', () => {
    const filled = { ip: '10.0.0.1', userAgent: 'Agent', client: { os: 'Linux' } }
    assert.deepEqual(overlaid('{}', { envelope, client: { os: 'Linux' } }).context, filled)
    assert.deepEqual(overlaid('{"context":{"a":1}}', { envelope, client: { os: 'Linux' } }).context, {
      a: 1,
      ...filled,
    })
    assert.equal(overlaid('{}').context, undefined)
  })

  it('keeps what the message or its batch says, null included', () => {
    const own = '{"context":{"ip":null,"userAgent":"own","client":null}}'
    assert.deepEqual(overlaid(own, { envelope, client: { os: 'Linux' } }).context, {
      ip: null,
      userAgent: 'own',
      client: null,
    })
    const batch = { context: { ip: null, userAgent: 'from the batch' } }
    assert.deepEqual(overlaid('{}', { envelope, batch }).context, { ip: null, userAgent: 'from the batch' })
  })

  it('does not share the client between messages', () => {
    const client = { os: 'Linux' }
    const message = overlaid('{}', { client })
    ;((message.context as JsonObject)['client'] as JsonObject)['os'] = 'changed'
    assert.deepEqual(client, { os: 'Linux' })
  })
})
