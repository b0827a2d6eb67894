import type { RedriveAnswer, RedriveProgress } from '@millrace/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeServer, runCli } from '../testing/fake-server.ts'

const route = 'POST /api/destinations/hook/redrive'

test('redrive follows the pages of a cause to the end, and names what it left alone', async (context) => {
  const answers: RedriveAnswer[] = [
    { redriven: 2, ids: ['0:1:send', '0:2:send'], skipped: [], next: '1@0:2:send' },
    { redriven: 0, ids: [], skipped: [{ id: '0:3:send', why: 'it is not dead\u001B[31m' }] },
  ]
  const server = await fakeServer(context, { [route]: () => ({ body: answers.shift() }) })
  const { exitCode, stdout } = await runCli(['redrive', 'hook', '--code', 'http_400', '--data', server.data])
  assert.equal(exitCode, 0)
  assert.match(stdout, /2 messages are on the way to hook again\.\nNot 0:3:send: it is not dead\\x1b/)
  assert.deepEqual(
    server.seen.map(({ body }) => body),
    [{ cause: { code: 'http_400' } }, { cause: { code: 'http_400' }, next: '1@0:2:send' }],
  )
})

test('redrive waits until all are settled, and fails when one is dead again', async (context) => {
  const answer: RedriveAnswer = { redriven: 2, ids: ['0:1:send', '0:2:send'], skipped: [] }
  const progress: RedriveProgress[] = [
    { waiting: 2, delivered: 0, dead: 0 },
    { waiting: 0, delivered: 1, dead: 1 },
  ]
  const server = await fakeServer(context, {
    [route]: { body: answer },
    [`${route}/progress`]: () => ({ body: progress.shift() }),
  })
  const args = ['redrive', 'hook', '--id', '0:1:send', '--id', '0:2:send', '--wait', '--data', server.data]
  const { exitCode, stdout } = await runCli(args)
  assert.equal(exitCode, 1)
  assert.match(stdout, /1 delivered, 1 dead again\./)
  assert.equal(progress.length, 0)
  assert.deepEqual(server.seen[0]?.body, { ids: ['0:1:send', '0:2:send'] })
})

test('redrive prints JSON for programs', async (context) => {
  const server = await fakeServer(context, { [route]: { body: { redriven: 0, ids: [], skipped: [] } } })
  const { stdout } = await runCli(['redrive', 'hook', '--all', '--json', '--data', server.data])
  assert.deepEqual(JSON.parse(stdout), { redriven: 0, skipped: [] })
  assert.deepEqual(server.seen[0]?.body, { all: true })
})

test('redrive wants to know which messages, and does nothing before', async (context) => {
  const server = await fakeServer(context, {})
  for (const options of [[], ['--all', '--code', 'x'], ['--id', '0:1:send', '--all']]) {
    assert.equal((await runCli(['redrive', 'hook', ...options, '--data', server.data])).exitCode, 2, options.join(' '))
  }
  assert.deepEqual(server.seen, [])
})
