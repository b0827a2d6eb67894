import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HttpFailure, HttpRequest, HttpResponse } from '@millrace/component-kit'
import { masked } from '../preview/redact-request.ts'
import { DeadCopies, MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES } from './dead-copy.ts'
import { ExchangeRecorder } from './exchange-recorder.ts'
import { keepText } from './keep-text.ts'

const message = { type: 'track', messageId: 'm-1' }
const requestOf = (change: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  url: 'https://example.com/in?key=s3cret',
  headers: { 'content-type': 'application/json', authorization: 'Bearer xyz', 'x-own': 'a s3cret b' },
  body: '{"name":"s3cret","id":"m-1"}',
  ...change,
})
const answered = (change: Partial<HttpResponse> = {}): HttpResponse => ({
  status: 400,
  headers: { 'content-type': 'text/plain', 'x-request-id': 'r-1', 'set-cookie': 'session=1' },
  text: 'no s3cret here',
  ...change,
})
const exchangeOf = async (request: HttpRequest, answer: HttpResponse | HttpFailure, payloads = 1) => {
  const recorder = new ExchangeRecorder({ request: async () => answer }, payloads)
  await recorder.request(request)
  return recorder.of(0)
}

test('a copy holds message, request and answer, without secrets and without cookies', async () => {
  const copies = new DeadCopies(['s3cret'])
  const copy = copies.make(message, await exchangeOf(requestOf(), answered()), ['m-1'])
  assert.deepEqual(copy, {
    message,
    request: {
      method: 'POST',
      url: `https://example.com/in?key=${masked}`,
      headers: { 'content-type': 'application/json', authorization: masked, 'x-own': `a ${masked} b` },
      body: { text: `{"name":"${masked}","id":"m-1"}`, bytes: 46 },
      batchOf: 1,
    },
    response: {
      status: 400,
      headers: { 'content-type': 'text/plain', 'x-request-id': 'r-1' },
      body: { text: `no ${masked} here`, bytes: 32 },
    },
  })
  assert.deepEqual(copies.make(message, undefined, []), { message })
})

test('a request without an answer says why there was none', async () => {
  const failure: HttpFailure = { failure: 'timeout', code: 'REQUEST_TIMEOUT', message: 'no answer to s3cret' }
  const { response } = new DeadCopies(['s3cret']).make(message, await exchangeOf(requestOf(), failure), [])
  assert.deepEqual(response, { ...failure, message: `no answer to ${masked}` })
})

test('long bodies are cut and say so; the messages of a batch share the room', async () => {
  const copies = new DeadCopies([])
  const long = 'ä'.repeat(MAX_REQUEST_BYTES)
  const alone = copies.make(message, await exchangeOf(requestOf({ body: long }), answered({ text: long })), [])
  assert.deepEqual(alone.request?.body, { text: 'ä'.repeat(MAX_REQUEST_BYTES / 2), bytes: long.length * 2, cut: true })
  const { response } = alone
  assert.ok(response !== undefined && 'body' in response)
  assert.equal(Buffer.byteLength(response.body.text), MAX_RESPONSE_BYTES)
  const shared = await exchangeOf(requestOf({ body: `${long}"m-1"${long}` }), answered(), 16)
  const { request } = copies.make(message, shared, ['m-1'])
  assert.equal(request?.batchOf, 16)
  assert.ok(Buffer.byteLength(request.body?.text ?? '') <= MAX_REQUEST_BYTES / 16)
  assert.match(request.body?.text ?? '', /"m-1"/)
  assert.ok((request.body?.fromByte ?? 0) > 0)
})

test('a cut never divides a character, and an end that is named keeps its place', () => {
  for (let size = 1; size < 12; size++) {
    const { text, fromByte = 0 } = keepText('aä€😀bä€😀', size, ['b'])
    assert.ok(Buffer.byteLength(text) <= size + 3, text)
    assert.ok('aä€😀bä€😀'.includes(text) && !text.includes('\uFFFD'), text)
    assert.equal(Buffer.from('aä€😀bä€😀').indexOf(text, fromByte), text === '' ? fromByte : fromByte)
  }
})

test('of each payload the last request that held it is known, and none where it was not sent', async () => {
  const recorder = new ExchangeRecorder({ request: async () => answered() }, 4)
  await recorder.request(requestOf({ body: 'all' }))
  await recorder.request(requestOf({ body: 'first half', items: [0, 1] }))
  await recorder.request(requestOf({ body: 'first', items: [0] }))
  assert.deepEqual(
    [0, 1, 2].map((payload) => [recorder.of(payload)?.request.body, recorder.of(payload)?.batchOf]),
    [
      ['first', 1],
      ['first half', 2],
      ['all', 4],
    ],
  )
  const other = new ExchangeRecorder({ request: async () => answered() }, 2)
  await other.request(requestOf({ items: [1] }))
  assert.equal(other.of(0), undefined)
})
