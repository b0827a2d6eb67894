import type { DeadLetterCausesAnswer, DeadLetterDetail, DeadLetterEntry, DeadLettersAnswer } from '@millrace/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeServer, runCli } from '../testing/fake-server.ts'

const at = '2026-01-02T03:04:05.000Z'
const causes: DeadLetterCausesAnswer = {
  causes: [
    {
      action: 'send',
      reason: 'rejected',
      code: 'http_400',
      count: 12,
      firstAt: at,
      lastAt: at,
      sample: { messageId: 'm-1', detail: 'The receiver answered 400: no "plan"' },
    },
  ],
  counted: 12,
  complete: false,
}
const letters: DeadLettersAnswer = {
  entries: [
    {
      id: '0:1:send',
      messageId: 'm-1',
      position: '0:1',
      source: 'web',
      action: 'send',
      reason: 'rejected',
      code: 'http_400',
      detail: 'no plan\u001B[31m',
      attempts: 3,
      at,
    },
  ],
  next: '0:1',
}
const ledger = {
  at,
  sources: [],
  destinations: [
    { destination: 'hook', source: 'web', dead: { rejected: 12 } },
    { destination: 'hook', source: 'app', dead: { rejected: 1 } },
    { destination: 'fine', source: 'web', dead: {} },
  ],
}

test('dead shows the causes of every destination that has dead messages, and says when not all were read', async (context) => {
  const server = await fakeServer(context, {
    'GET /api/ledger': { body: ledger },
    'GET /api/destinations/hook/dead-letters/causes': { body: causes },
  })
  const { exitCode, stdout, stderr } = await runCli(['dead', '--data', server.data])
  assert.deepEqual([exitCode, stderr], [0, ''])
  assert.equal(stdout.match(/http_400/g)?.length, 1)
  assert.match(stdout, /hook +send +rejected +http_400 +12 +2026-01-02T03:04:05.000Z +m-1 +The receiver answered 400/)
  assert.match(stdout, /Of hook only the latest/)
})

test('dead lists the messages of a cause, safe for a terminal', async (context) => {
  const server = await fakeServer(context, { 'GET /api/destinations/hook/dead-letters': { body: letters } })
  const { exitCode, stdout } = await runCli(['dead', 'hook', '--code', 'http_400', '--data', server.data])
  assert.equal(exitCode, 0)
  assert.match(stdout, /0:1:send +m-1 +web +rejected +http_400 +3 /)
  assert.ok(!stdout.includes('\u001B[31m'))
  assert.match(stdout, /There are more/)
  const json = await runCli(['dead', 'hook', '--list', '--data', server.data, '--json'])
  assert.deepEqual(JSON.parse(json.stdout), letters)
  assert.equal((await runCli(['dead', '--list', '--data', server.data])).exitCode, 2)
})

test('dead says so when nothing is', async (context) => {
  const server = await fakeServer(context, { 'GET /api/ledger': { body: { ...ledger, destinations: [] } } })
  assert.match((await runCli(['dead', '--data', server.data])).stdout, /No message is dead/)
})

test('dead shows one letter with message, request, answer and attempts, safe for a terminal', async (context) => {
  const letter: DeadLetterDetail = {
    ...(letters.entries[0] as DeadLetterEntry),
    attempts: 40,
    history: [{ at, durationMs: 12, code: 'http_400', status: 400 }],
    copy: {
      message: { type: 'track', event: 'Signed Up', userId: 'u-1', messageId: 'm-1' },
      request: {
        method: 'POST',
        url: 'https://example.com/in',
        headers: { authorization: '••••••••' },
        body: { text: '{"a":1}', bytes: 7 },
        batchOf: 3,
      },
      response: { status: 400, headers: {}, body: { text: 'no\u001B[31m', bytes: 90_000, cut: true } },
    },
  }
  const server = await fakeServer(context, {
    'GET /api/destinations/hook/dead-letters/0%3A1%3Asend': { body: letter },
  })
  const { exitCode, stdout } = await runCli(['dead', 'hook', '--id', '0:1:send', '--data', server.data])
  assert.equal(exitCode, 0)
  for (const part of [
    /message m-1 {2}track "Signed Up" user u-1/,
    /dead \(rejected\) at "send" since .*, after 40 attempts/,
    /http_400: no plan/,
    /2026-01-02T03:04:05.000Z +400 +http_400 +12\n39 between them are not kept/,
    /request, with 2 others in it\n {4}POST https:\/\/example.com\/in\n {4}authorization: ••••••••\n {4}\{\n {6}"a": 1/,
    /response\n {4}400\n {4}no.*\n {4}\(a part of 90000 bytes, from byte 0 on\)/,
    /message\n {4}\{\n {6}"type": "track"/,
  ]) {
    assert.match(stdout, part)
  }
  assert.ok(!stdout.includes('\u001B[31m'))
  assert.equal((await runCli(['dead', '--id', '0:1:send', '--data', server.data])).exitCode, 2)
})
