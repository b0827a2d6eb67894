import type { Json } from '@millrace/protocol'
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { fakeServer, runCli } from '../testing/fake-server.ts'
import type { Routes } from '../testing/fake-server.ts'

const ok = { body: { success: true } }
const workspace = {
  body: { version: 1, document: { sources: { off: {}, web: { type: 'http', writeKeys: ['wk_web'] } } } },
}
const basic = (key: string): string => `Basic ${Buffer.from(`${key}:`).toString('base64')}`
interface Body {
  batch: { [field: string]: Json }[]
}

test('sends a message with the write key of the first source that has one, in strict mode', async (context) => {
  const server = await fakeServer(context, { 'POST /v1/track': ok, 'GET /api/workspace': workspace })
  const args = ['send', 'track', '--event', 'Signed Up', '--user', 'u1', '--properties', '{"plan":"pro"}']
  const { exitCode, stdout } = await runCli([...args, '--message-id', 'm-1', '--data', server.data])
  assert.equal(exitCode, 0)
  assert.match(stdout, /millrace trace m-1/)
  const request = server.seen.at(-1)
  assert.deepEqual(request?.body, {
    messageId: 'm-1',
    type: 'track',
    event: 'Signed Up',
    userId: 'u1',
    properties: { plan: 'pro' },
  })
  assert.equal(request?.headers.authorization, basic('wk_web'))
  assert.equal(request?.headers['x-strict-mode'], '1')
})

test('needs no admin token with a write key and a port, and prints the id that it made', async (context) => {
  const server = await fakeServer(context, { 'POST /v1/identify': ok })
  const args = ['send', 'identify', '--user', 'u1', '--write-key', 'k', '--port', String(server.port), '--json']
  const { exitCode, stdout } = await runCli([...args, '--data', '/nowhere'])
  assert.equal(exitCode, 0)
  const sent = server.seen[0]?.body as { messageId: string }
  assert.deepEqual(JSON.parse(stdout), { messageId: sent.messageId })
  assert.ok(sent.messageId.length > 8)
})

test('shows why a message was refused', async (context) => {
  const errors = [{ path: 'event', reason: 'is missing' }]
  const server = await fakeServer(context, {
    'POST /v1/track': { status: 400, body: { code: 'no_event', message: 'The message is refused.', errors } },
  })
  const { exitCode, stderr, stdout } = await runCli(['send', 'track', '--write-key', 'k', '--data', server.data])
  assert.deepEqual([exitCode, stdout], [1, ''])
  assert.match(stderr, /refused\.\n {2}event: is missing/)
})

const numbered = (count: number): string =>
  Array.from(
    { length: count },
    (_none, index) => `${JSON.stringify({ type: 'track', event: `e${index}`, userId: 'u' })}\n`,
  ).join('')

test('sends a file in batches, in order, each message with an id, and shows progress on stderr', async (context) => {
  const server = await fakeServer(context, { 'POST /v1/batch': ok })
  await writeFile(join(server.data, 'm.ndjson'), `${numbered(600)}\n{"type":"track","event":"last","messageId":"mine"}`)
  const args = ['send', '--file', 'm.ndjson', '--write-key', 'k', '--data', server.data]
  const { exitCode, stdout, stderr } = await runCli(args, { cwd: server.data })
  assert.equal(exitCode, 0)
  assert.match(stdout, /Accepted 601 messages/)
  assert.match(stderr, /601/)
  const sent = server.seen.flatMap(({ body }) => (body as Body).batch)
  assert.ok(server.seen.length > 1 && server.seen.every(({ body }) => (body as Body).batch.length <= 250))
  assert.deepEqual(
    sent.map(({ event }) => event),
    [...Array.from({ length: 600 }, (_none, index) => `e${index}`), 'last'],
  )
  assert.equal(new Set(sent.map(({ messageId }) => messageId)).size, 601)
  assert.equal(sent.at(-1)?.['messageId'], 'mine')
})

test('reads the standard input, and waits when the server asks for it, with the same ids', async (context) => {
  let attempts = 0
  const routes: Routes = {
    'POST /v1/batch': () => {
      attempts += 1
      const busy = { code: 'unavailable', message: 'Disk full.' }
      return attempts < 3 ? { status: 503, headers: { 'retry-after': '0' }, body: busy } : ok
    },
  }
  const server = await fakeServer(context, routes)
  const args = ['send', '--file', '-', '--write-key', 'k', '--data', server.data]
  const { exitCode } = await runCli(args, { stdin: Readable.from([numbered(2)]) })
  assert.deepEqual([exitCode, attempts], [0, 3])
  assert.deepEqual(server.seen[2]?.body, server.seen[0]?.body)
})

test('gives up with the reason of the server when it stays unavailable', async (context) => {
  const server = await fakeServer(context, {
    'POST /v1/track': {
      status: 503,
      headers: { 'retry-after': '0' },
      body: { code: 'unavailable', message: 'Disk full.' },
    },
  })
  const { exitCode, stderr } = await runCli(['send', 'track', '--write-key', 'k', '--data', server.data])
  assert.equal(exitCode, 1)
  assert.match(stderr, /Disk full/)
  assert.equal(server.seen.length, 6)
})

test('names the line of a file that is refused, and what was accepted before', async (context) => {
  const routes: Routes = {
    'POST /v1/batch': ({ body }) =>
      (body as Body).batch.length === 250
        ? ok
        : {
            status: 400,
            body: {
              code: 'no_event',
              message: 'The batch is refused.',
              errors: [{ path: 'batch[1].event', reason: 'is missing' }],
            },
          },
  }
  const server = await fakeServer(context, routes)
  // The empty first line counts as a line and not as a message.
  await writeFile(join(server.data, 'm.ndjson'), `\n${numbered(253)}`)
  const args = ['send', '--file', 'm.ndjson', '--write-key', 'k', '--data', server.data]
  const { exitCode, stderr } = await runCli(args, { cwd: server.data })
  assert.equal(exitCode, 1)
  assert.match(
    stderr,
    /Lines 252 to 254 of m\.ndjson were refused: The batch is refused\. The 250 messages before were accepted/,
  )
  assert.match(stderr, /line 253 event: is missing/)
})

test('names the line of a file that is no JSON object, and a file that is not there', async (context) => {
  const server = await fakeServer(context, { 'POST /v1/batch': ok })
  await writeFile(join(server.data, 'm.ndjson'), '{"type":"track"}\n[1]\n')
  const args = ['send', '--write-key', 'k', '--data', server.data, '--file']
  const bad = await runCli([...args, 'm.ndjson'], { cwd: server.data })
  assert.equal(bad.exitCode, 1)
  assert.match(bad.stderr, /Line 2 of m\.ndjson is not a JSON object: \[1\]/)
  const gone = await runCli([...args, 'none.ndjson'], { cwd: server.data })
  assert.equal(gone.exitCode, 1)
  assert.match(gone.stderr, /none\.ndjson cannot be opened: ENOENT/)
  assert.equal(server.seen.length, 0)
})
