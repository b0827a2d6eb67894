import type { Ledger } from '@millrace/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeServer, runCli } from '../testing/fake-server.ts'

const balanced: Ledger = {
  at: '2026-01-01T00:00:00.000Z',
  sources: [
    {
      source: 'web',
      accepted: 1010,
      duplicate: 4,
      dropped: { blocked: 1 },
      resolved: 1000,
      unresolved: 5,
      rejected: { no_event: 7 },
    },
  ],
  destinations: [
    {
      destination: 'hook',
      source: 'web',
      resolved: 1000,
      delivered: 900,
      filtered: { not_triggered: 60 },
      pending: { waiting: 20, inFlight: 10, parked: 5 },
      dead: { rejected: 5 },
      actions: { send: { delivered: 900, dead: { rejected: 5 } } },
    },
  ],
}

const missing: Ledger = {
  ...balanced,
  destinations: balanced.destinations.map((row) => ({ ...row, delivered: row.delivered - 1 })),
}

test('shows each term and each reason, and says that it balances', async (context) => {
  const server = await fakeServer(context, { 'GET /api/ledger': { body: balanced } })
  const { exitCode, stdout, stderr } = await runCli(['ledger', '--data', server.data])
  assert.deepEqual([exitCode, stderr], [0, ''])
  assert.match(stdout, /^web +1010 +4 +1 +1000 +5 +7$/m)
  assert.match(stdout, /^hook +web +1000 +900 +60 +20 +10 +5 +5$/m)
  assert.match(stdout, /web → hook +filtered +not_triggered +60/)
  assert.doesNotMatch(stdout, /action/, 'one action repeats its destination')
  assert.match(stdout, /Balanced/)
})

test('a destination with several actions has a row and the reasons for each', async (context) => {
  const destinations = balanced.destinations.map((row) => ({
    ...row,
    actions: {
      send: { delivered: 880, dead: {} },
      'copy\u001b[31m': { delivered: 40, dead: { rejected: 3, invalid: 2 } },
    },
  }))
  const server = await fakeServer(context, { 'GET /api/ledger': { body: { ...balanced, destinations } } })
  const { exitCode, stdout } = await runCli(['ledger', '--data', server.data])
  assert.equal(exitCode, 0)
  assert.match(stdout, /^destination +source +action +delivered +dead$/m)
  assert.match(stdout, /^hook +web +send +880 +0$/m)
  assert.match(stdout, /^hook +web +copy\\x1b\[31m +40 +5$/m)
  assert.match(stdout, /web → hook \(copy\\x1b\[31m\) +dead +invalid +2/)
  assert.doesNotMatch(stdout, /web → hook \(send\)/)
})

test('fails and names the sum when a message is missing, with --json as well', async (context) => {
  const server = await fakeServer(context, { 'GET /api/ledger': { body: missing } })
  const plain = await runCli(['ledger', '--data', server.data])
  assert.equal(plain.exitCode, 1)
  assert.match(
    plain.stdout,
    /Not balanced:\n +destination hook, source web: resolved 1000, but its parts are 999 \(1 missing\)/,
  )
  const json = await runCli(['ledger', '--json', '--data', server.data])
  assert.equal(json.exitCode, 1)
  assert.deepEqual(JSON.parse(json.stdout), missing)
})

test('fails when a source does not add up', async (context) => {
  const [row] = balanced.sources
  assert.ok(row)
  const body = { ...balanced, sources: [{ ...row, unresolved: 6 }] }
  const server = await fakeServer(context, { 'GET /api/ledger': { body } })
  const { exitCode, stdout } = await runCli(['ledger', '--data', server.data])
  assert.equal(exitCode, 1)
  assert.match(stdout, /source web: accepted 1010, but its parts are 1011/)
})

test('verifies with its progress on stderr, and takes the exit code from the recount', async (context) => {
  const problems = [{ where: 'hook', message: 'outcomes differ', counted: 899, recorded: 900 }]
  const result = { balanced: false, messagesRead: 1010, ledger: balanced, problems }
  const server = await fakeServer(context, {
    'POST /api/ledger/verify': { lines: [{ progress: { done: 505, total: 1010 } }, { result }] },
  })
  const args = ['ledger', '--verify', '--data', server.data]
  const plain = await runCli(args)
  assert.equal(plain.exitCode, 1)
  assert.match(plain.stderr, /50 % \(505 of 1,010/)
  assert.match(plain.stdout, /hook: outcomes differ \(counted 899, recorded 900\)/)
  assert.doesNotMatch(plain.stdout, /%/)
  assert.equal(server.seen[0]?.headers.accept, 'application/x-ndjson')

  const json = await runCli([...args, '--json'])
  assert.deepEqual([json.exitCode, JSON.parse(json.stdout)], [1, result])
})
