import type { DestinationStatus } from '@millrace/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeServer, runCli } from '../testing/fake-server.ts'

const at = '2026-01-02T03:04:05.000Z'
const paused: DestinationStatus = {
  destination: 'hook',
  type: 'webhook',
  state: 'paused',
  cursor: '0:1',
  lagBytes: 10,
  inFlight: 3,
  hold: { cause: 'operator', since: at, reason: 'maintenance\u001B[31m' },
}
const running: DestinationStatus = { ...paused, destination: 'other', state: 'running' }
delete running.hold

test('destinations shows state, since when, and why, safe for a terminal', async (context) => {
  const lastError = { at, code: 'http_503', message: 'down', nextAttemptAt: '2026-01-02T03:05:00.000Z' }
  const body = { destinations: [paused, running, { ...running, destination: 'third', state: 'retrying', lastError }] }
  const server = await fakeServer(context, { 'GET /api/destinations': { body } })
  const { exitCode, stdout } = await runCli(['destinations', '--data', server.data])
  assert.equal(exitCode, 0)
  assert.match(stdout, /hook +webhook +paused +2026-01-02T03:04:05.000Z +3 +maintenance/)
  assert.match(stdout, /third +webhook +retrying +2026-01-02T03:04:05.000Z +2026-01-02T03:05:00.000Z +3 +down/)
  assert.ok(!stdout.includes('\u001B[31m'))
  const json = await runCli(['destinations', '--data', server.data, '--json'])
  assert.deepEqual(JSON.parse(json.stdout), body)
})

test('destinations says what fills the disk quota and what expired', async (context) => {
  const expired = { messages: 12, from: at, to: at, at }
  const body = {
    destinations: [
      { ...paused, quotaPercent: 83.5, expired },
      { ...running, quotaPercent: 79.9 },
    ],
  }
  const server = await fakeServer(context, { 'GET /api/destinations': { body } })
  const { stdout } = await runCli(['destinations', '--data', server.data])
  assert.match(stdout, /\nhook: .* 83\.5 % of the disk quota; at 100 % the oldest expires unless it is resumed\n/)
  assert.match(stdout, /\nhook: 12 messages of 2026-01-02T03:04:05.000Z to .* expired/)
  assert.doesNotMatch(stdout, /other: /)
})

test('pause says how to go on, resume what the destination does now', async (context) => {
  const server = await fakeServer(context, {
    'POST /api/destinations/hook/pause': { body: paused },
    'POST /api/destinations/hook/resume': { body: { ...running, state: 'open' } },
  })
  const pausing = await runCli(['pause', 'hook', '--reason', 'maintenance', '--data', server.data])
  assert.equal(pausing.exitCode, 0)
  assert.match(pausing.stdout, /hook is paused\..*millrace resume hook/)
  assert.deepEqual(server.seen.at(-1)?.body, { reason: 'maintenance' })
  const resuming = await runCli(['resume', 'hook', '--data', server.data])
  assert.deepEqual([resuming.exitCode, resuming.stdout], [0, 'hook is open.\n'])
  assert.equal((await runCli(['pause', 'nobody', '--data', server.data])).exitCode, 1)
})
