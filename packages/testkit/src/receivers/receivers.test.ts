import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readReceived, startCountingReceiver, startReceiverProcess, startWebhookReceiver } from './index.ts'

const post = async (url: string, body: string, headers: { [name: string]: string } = {}): Promise<number> => {
  const response = await fetch(url, { method: 'POST', body, headers })
  await response.text()
  return response.status
}

test('records messages with their ids and keys in order, and counts as accepted what it answered with 2xx', async () => {
  await using receiver = await startWebhookReceiver({
    record: 'messages',
    status: (request) => (request === 0 ? { status: 503, headers: { 'retry-after': '1' } } : 200),
  })
  const accepted = receiver.waitForAccepted(3)
  assert.equal(await post(receiver.url, '{"messageId":"a"}', { 'webhook-id': 'k-a', 'idempotency-key': 'k-a' }), 503)
  assert.equal(await post(receiver.url, '{"messageId":"a"}', { 'webhook-id': 'k-a', 'idempotency-key': 'k-a' }), 200)
  const envelopes = '[{"idempotencyKey":"k-b","messageId":"b","data":{}},{"messageId":"c"}]'
  assert.equal(await post(receiver.url, envelopes, { 'webhook-id': 'w', 'idempotency-key': 'w' }), 200)
  await accepted
  assert.deepEqual(receiver.counts, { requests: 3, messages: 4, accepted: 3, invalidSignatures: 0 })
  assert.deepEqual(receiver.accepted(), [
    { request: 1, index: 0, messageId: 'a', idempotencyKey: 'k-a', webhookId: 'k-a', status: 200 },
    { request: 2, index: 0, messageId: 'b', idempotencyKey: 'k-b', webhookId: 'w', status: 200 },
    { request: 2, index: 1, messageId: 'c', webhookId: 'w', status: 200 },
  ])
  assert.equal(await post(receiver.url, 'not json'), 400)
  await assert.rejects(receiver.waitForAccepted(9, AbortSignal.abort()), /3 of 9/)
})

test('refuses what is not signed with its secret', async () => {
  const key = Buffer.alloc(24, 1)
  const sign = (text: string): string => `v1,${createHmac('sha256', key).update(text).digest('base64')}`
  await using receiver = await startWebhookReceiver({
    record: 'counts',
    signingSecret: `whsec_${key.toString('base64')}`,
  })
  const headers = { 'webhook-id': 'i', 'webhook-timestamp': '7' }
  assert.equal(await post(receiver.url, '{}', { ...headers, 'webhook-signature': `v1,AAAA ${sign('i.7.{}')}` }), 200)
  assert.equal(await post(receiver.url, '{}', { ...headers, 'webhook-signature': sign('i.7.{ }') }), 401)
  assert.equal(await post(receiver.url, '{}', headers), 401)
  assert.deepEqual(receiver.counts, { requests: 3, messages: 3, accepted: 1, invalidSignatures: 2 })
})

test('a receiver process has written what it answered, also when it is killed at once', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-receiver-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, 'received.ndjson')
  const receiver = await startReceiverProcess({ file, failFirst: 1 })
  t.after(() => receiver.kill())
  assert.equal(await post(receiver.url, '{"messageId":"a"}'), 503)
  assert.equal(await post(receiver.url, '[{"messageId":"a"},{"messageId":"b"}]'), 200)
  await receiver.kill()
  assert.deepEqual(await readReceived(file), [
    { request: 0, index: 0, messageId: 'a', status: 503 },
    { request: 1, index: 0, messageId: 'a', status: 200 },
    { request: 1, index: 1, messageId: 'b', status: 200 },
  ])
})

test('the counting receiver counts the same however the bytes arrive, and answers each request', async () => {
  await using receiver = await startCountingReceiver({ countMessages: true })
  const requestOf = (messages: number): string => {
    const body = JSON.stringify(Array.from({ length: messages }, (_, n) => ({ messageId: `m-${n}`, text: 'ü' })))
    const text = messages === 0 ? '' : body
    return `POST / HTTP/1.1\r\nhost: a\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
  }
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(4), { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 40 })),
      async (requests, cuts) => {
        const before = { ...receiver.counts }
        const bytes = Buffer.from(requests.map(requestOf).join(''))
        const socket = connect({ port: receiver.port, host: '127.0.0.1', noDelay: true })
        const expected = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'.repeat(requests.length)
        const { promise: answered, resolve } = Promise.withResolvers<void>()
        let received = ''
        socket.setEncoding('latin1').on('data', (text: string) => {
          received += text
          if (received.length >= expected.length) resolve()
        })
        let from = 0
        for (const cut of cuts) {
          socket.write(bytes.subarray(from, from + cut))
          from += cut
          await new Promise((resolve) => setImmediate(resolve))
        }
        socket.write(bytes.subarray(from))
        await answered
        socket.destroy()
        assert.equal(received, expected)
        assert.equal(receiver.counts.requests - before.requests, requests.length)
        assert.equal(
          receiver.counts.messages - before.messages,
          requests.reduce((sum, each) => sum + each, 0),
        )
      },
    ),
    { numRuns: 50 },
  )
})

test('the counts can be asked for over HTTP, and asking is not counted', async () => {
  await using receiver = await startCountingReceiver({ countMessages: true })
  await post(receiver.url, '[{"messageId":"a"},{"messageId":"b"}]')
  const answer = await fetch(`${receiver.url}counts`)
  assert.deepEqual(await answer.json(), { requests: 1, bodyBytes: 37, messages: 2 })
})
