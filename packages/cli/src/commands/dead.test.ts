import type { DeadLetterCausesAnswer, DeadLettersAnswer } from '@millrace/protocol'
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
  assert.match(stdout, /m-1 +web +send +rejected +http_400 +3 /)
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
