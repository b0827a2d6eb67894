import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AlertsAnswer } from '@millrace/protocol'
import { fakeServer, runCli } from '../testing/fake-server.ts'

const answer: AlertsAnswer = {
  alerts: [
    {
      alert: 'late',
      name: 'Late',
      type: 'oldest_pending',
      enabled: true,
      notify: ['ops'],
      unit: 'ms',
      threshold: 60_000,
      subjects: [
        { subject: 'hook', state: 'firing', since: '2026-01-02T03:04:05.000Z', value: 75_000 },
        { subject: 'store', state: 'ok', value: 0 },
      ],
    },
  ],
  notifiers: [
    {
      notifier: 'ops',
      type: 'webhook',
      waiting: 1,
      lastError: { at: '2026-01-02T03:04:05.000Z', message: 'no\u001banswer', attempts: 3 },
    },
  ],
}

test('shows each alert with what it watches and the notifiers in trouble, and fails while one fires', async (context) => {
  const server = await fakeServer(context, { 'GET /api/alerts': { body: answer } })
  const { exitCode, stdout } = await runCli(['alerts', '--data', server.data])
  assert.equal(exitCode, 1)
  assert.match(stdout, /late +hook +firing +75 s +\(fires at 60 s\) +2026-01-02T03:04:05.000Z/)
  assert.match(stdout, /late +store +ok +0 ms/)
  assert.match(stdout, /notifier ops: no\\x1banswer \(3 attempts, it was given up, 1 waiting\)/)
  const json = await runCli(['alerts', '--json', '--data', server.data])
  assert.deepEqual(JSON.parse(json.stdout), answer)
})

test('ends well when nothing fires', async (context) => {
  const server = await fakeServer(context, { 'GET /api/alerts': { body: { alerts: [], notifiers: [] } } })
  const { exitCode, stdout } = await runCli(['alerts', '--data', server.data])
  assert.deepEqual([exitCode, stdout], [0, 'The workspace declares no alerts.\n'])
})

test('says what each notifier answered to a test, and fails when one did not take it', async (context) => {
  const results = [
    { notifier: 'ops', sent: true },
    { notifier: 'mail', sent: false, message: 'refused' },
  ]
  const server = await fakeServer(context, { 'POST /api/alerts/late/test': { body: { alert: 'late', results } } })
  const { exitCode, stdout } = await runCli(['alerts', '--test', 'late', '--data', server.data])
  assert.deepEqual([exitCode, stdout], [1, 'ops  sent\nmail  failed: refused\n'])
})
