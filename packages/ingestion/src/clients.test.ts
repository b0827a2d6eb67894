/** Requests of public client libraries, as they were captured: headers and bodies are theirs. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { startTestServer, testSource } from './test-server.ts'

interface Captured {
  url: string
  headers: Record<string, string>
  body: { batch?: Record<string, unknown>[]; [field: string]: unknown }
}

const captures = JSON.parse(
  readFileSync(new URL('./fixtures/client-requests.json', import.meta.url), 'utf8'),
) as Record<string, Captured[]>

const writeKeys = ['wk_test', '1abcdefghijklmnopqrstuvwxyz']

for (const [client, requests] of Object.entries(captures)) {
  test(`accepts every message of ${client}`, async () => {
    await using server = await startTestServer({}, [testSource('web', { writeKeys })])
    const sent: Record<string, unknown>[] = []
    for (const { url, headers, body } of requests) {
      const text = JSON.stringify(body)
      const bytes = headers['content-encoding'] === 'gzip' ? gzipSync(text) : text
      // Routes of one vendor only are not part of this package; what they carry is.
      const answer = await server.post(url.replace('/api/s/', '/v1/'), bytes, headers)
      assert.equal(answer.status, 200, answer.text)
      assert.equal(answer.text, '{"success":true}')
      sent.push(...(body.batch ?? [body]))
    }
    assert.deepEqual(server.log.rejections, [])
    assert.deepEqual(
      server.log.messageIds,
      sent.map(({ messageId }) => messageId),
    )
    server.log.messages.forEach((message, index) => {
      const original = sent[index] as Record<string, unknown>
      assert.equal(message.type, original['type'])
      for (const field of ['event', 'traits', 'properties', 'name', 'previousId', '_metadata', 'channel']) {
        assert.deepEqual(message[field], original[field], field)
      }
      assert.equal('writeKey' in message, false)
      assert.ok(!Number.isNaN(Date.parse(message.timestamp)))
    })
  })
}
