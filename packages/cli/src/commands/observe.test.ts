import type { Message, MessageTrace, TailEntry } from '@millrace/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeServer, runCli } from '../testing/fake-server.ts'

const receivedAt = '2026-01-01T00:00:00.000Z'
const message: Message = {
  type: 'track',
  event: 'Signed Up',
  userId: 'u1',
  messageId: 'm-1',
  timestamp: receivedAt,
  receivedAt,
}
const trace: MessageTrace = {
  messageId: 'm-1',
  position: '3:7',
  source: 'web',
  type: 'track',
  event: 'Signed Up',
  receivedAt,
  message,
  stages: [
    { stage: 'ingestion', at: receivedAt, outcome: 'accepted' },
    { stage: 'resolve', at: '2026-01-01T00:00:00.012Z', outcome: 'resolved' },
    { stage: 'delivery', destination: 'hook', action: 'send', at: '2026-01-01T00:00:00.040Z', outcome: 'delivered' },
    { stage: 'delivery', destination: 'warehouse', outcome: 'pending', reason: 'waiting' },
  ],
}

test('trace draws the stages in order and the destinations as ends', async (context) => {
  const server = await fakeServer(context, {
    'GET /api/messages/m-1': { body: { messageId: 'm-1', traces: [trace] } },
  })
  const { exitCode, stdout } = await runCli(['trace', 'm-1', '--data', server.data])
  assert.equal(exitCode, 0)
  assert.match(stdout, /message m-1 {2}track "Signed Up" user u1\nsource web, received .*, position 3:7/)
  const lines = stdout.trimEnd().split('\n').slice(3)
  assert.match(lines[0] ?? '', /● ingestion +accepted +\+0 ms$/)
  assert.equal(lines[1], '  │')
  assert.match(lines[2] ?? '', /● resolve +resolved +\+12 ms$/)
  assert.equal(lines[3], '  │')
  assert.match(lines[4] ?? '', /├─▶ hook \(send\) +delivered +\+40 ms$/)
  assert.match(lines[5] ?? '', /└─▶ warehouse +pending +waiting$/)
  assert.equal(lines.length, 6)
})

test('trace shows every copy, the body on request, and all of it with --json', async (context) => {
  const duplicate = { ...trace, position: '4:0', stages: [{ stage: 'resolve', outcome: 'duplicate' }] }
  const answer = { messageId: 'm-1', traces: [trace, duplicate] }
  const server = await fakeServer(context, { 'GET /api/messages/m-1': { body: answer } })
  const args = ['trace', 'm-1', '--data', server.data]
  const { stdout } = await runCli([...args, '--body'])
  assert.match(stdout, /position 3:7[^]*position 4:0[^]*duplicate/)
  assert.match(stdout, /"event": "Signed Up"/)
  assert.deepEqual(JSON.parse((await runCli([...args, '--json'])).stdout), answer)
})

const violation = {
  kind: 'type',
  path: 'properties.plan',
  reason: 'properties.plan is the number 5. Send a string.',
} as const

test('trace shows violations below the stage that found them, beside what else it noted', async (context) => {
  const accepted = {
    stage: 'ingestion',
    outcome: 'accepted',
    detail: { standardEvent: 'Signed Up', violations: [violation] },
  }
  const body = { messageId: 'm-1', traces: [{ ...trace, stages: [accepted, ...trace.stages.slice(1)] }] }
  const server = await fakeServer(context, { 'GET /api/messages/m-1': { body } })
  const { stdout } = await runCli(['trace', 'm-1', '--data', server.data])
  const lines = stdout.split('\n').slice(3)
  assert.match(lines[0] ?? '', /accepted +\{"standardEvent":"Signed Up"\}$/)
  assert.equal(lines[1], `  │   violation: ${violation.reason}`)
})

test('tail says what the first violation is, and how many there are', async (context) => {
  const entry = { position: '0:0', source: 'web', receivedAt, message }
  const entries = [entry, { ...entry, violations: [violation] }, { ...entry, violations: [violation, violation] }]
  const server = await fakeServer(context, { 'GET /api/tail': { body: { entries, next: '0:3' } } })
  const { stdout } = await runCli(['tail', '--no-follow', '--data', server.data])
  const [none = '', one = '', two = ''] = stdout.split('\n')
  assert.match(none, /m-1$/)
  assert.match(one, /m-1 violation: properties\.plan is the number 5\. Send a string\.$/)
  assert.match(two, /Send a string\. \(and 1 more\)$/)
})

test('trace fails for an unknown message, whether the server says 404 or gives no traces', async (context) => {
  const server = await fakeServer(context, { 'GET /api/messages/none': { body: { messageId: 'none', traces: [] } } })
  for (const id of ['none', 'unknown']) {
    const { exitCode, stderr } = await runCli(['trace', id, '--data', server.data])
    assert.equal(exitCode, 1)
    assert.match(stderr, new RegExp(`No message with the id "${id}"`))
  }
})

const rejection: TailEntry = {
  position: '3:8',
  source: '',
  receivedAt,
  rejection: { code: 'no_event', reason: 'A track message names its event.', path: 'batch[0].event', count: 3 },
}

test('tail prints messages and rejections, and stops at its limit', async (context) => {
  const entry: TailEntry = { position: '3:7', source: 'web', receivedAt, message }
  const server = await fakeServer(context, { 'GET /api/tail/stream': { lines: [entry, rejection, entry] } })
  const args = ['tail', '--source', 'web', '--from', '3:7', '--limit', '2', '--data', server.data]
  const { exitCode, stdout } = await runCli(args)
  assert.equal(exitCode, 0)
  assert.match(
    stdout,
    /^3:7 .* web track "Signed Up" user u1 m-1\n3:8 .* - rejected no_event batch\[0\]\.event: .* \(3 times\)\n$/,
  )
  assert.equal(server.seen[0]?.url, '/api/tail/stream?source=web&from=3%3A7')
  const json = await runCli([...args, '--json'])
  assert.deepEqual(
    json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    [entry, rejection],
  )
})

test('tail fails when the server ends the stream, and shows what is there with --no-follow', async (context) => {
  const server = await fakeServer(context, {
    'GET /api/tail/stream': { lines: [] },
    'GET /api/tail': { body: { entries: [rejection], next: '3:9' } },
  })
  const followed = await runCli(['tail', '--data', server.data])
  assert.equal(followed.exitCode, 1)
  assert.match(followed.stderr, /ended the stream/)
  assert.equal(server.seen[0]?.url, '/api/tail/stream?limit=10')
  const listed = await runCli(['tail', '--no-follow', '--data', server.data])
  assert.equal(listed.exitCode, 0)
  assert.match(listed.stdout, /rejected no_event/)
})

test('shows escape sequences of strangers instead of obeying them', async (context) => {
  const evil = { ...message, event: '\u001b[2J\nbad' }
  const server = await fakeServer(context, {
    'GET /api/tail': {
      body: { entries: [{ position: '1:0', source: 'web', receivedAt, message: evil }], next: '1:1' },
    },
  })
  const { stdout } = await runCli(['tail', '--no-follow', '--data', server.data])
  assert.ok(stdout.includes('"\\x1b[2J\\x0abad"'), stdout)
  assert.ok(!stdout.includes('\u001b'))
})

const catalog = { body: { sources: [], destinations: [], warehouses: [{ type: 'duckdb' }] } }
const sqlAnswer = {
  columns: ['event', 'n'],
  rows: [
    ['Signed Up', 12],
    [null, 3],
  ],
  truncated: true,
}

test('sql asks the only warehouse and prints a table, numbers on the right', async (context) => {
  const server = await fakeServer(context, {
    'GET /api/destinations': {
      body: {
        destinations: [
          { destination: 'hook', type: 'webhook' },
          { destination: 'wh', type: 'duckdb' },
        ],
      },
    },
    'GET /api/catalog': catalog,
    'POST /api/destinations/wh/sql': { body: sqlAnswer },
  })
  const { exitCode, stdout, stderr } = await runCli(['sql', 'select 1', '--max-rows', '2', '--data', server.data])
  assert.equal(exitCode, 0)
  assert.equal(stdout, 'event       n\n─────────  ──\nSigned Up  12\n            3\n')
  assert.match(stderr, /more rows than the 2 shown/)
  assert.deepEqual(server.seen.at(-1)?.body, { sql: 'select 1', maxRows: 2, timeoutMs: 30_000 })
})

test('sql asks which warehouse is meant when there are several, and shows the error of the database', async (context) => {
  let ids = ['a', 'b']
  const server = await fakeServer(context, {
    'GET /api/catalog': catalog,
    'GET /api/destinations': () => ({
      body: { destinations: ids.map((destination) => ({ destination, type: 'duckdb' })) },
    }),
    'POST /api/destinations/b/sql': {
      status: 400,
      body: { code: 'invalid_request', message: 'Parser Error near x\n\nLINE 1' },
    },
  })
  const several = await runCli(['sql', 'select 1', '--data', server.data])
  assert.equal(several.exitCode, 2)
  assert.match(several.stderr, /--destination: a, b/)
  ids = []
  const none = await runCli(['sql', 'select 1', '--data', server.data])
  assert.equal(none.exitCode, 1)
  assert.match(none.stderr, /no warehouse\. .* duckdb/)
  const wrong = await runCli(['sql', 'x', '--destination', 'b', '--data', server.data])
  assert.equal(wrong.exitCode, 1)
  assert.match(wrong.stderr, /Parser Error near x\n\nLINE 1/)
})
