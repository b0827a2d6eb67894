import type { Preview, ShadowReport } from '@millrace/protocol'
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fakeServer, runCli } from '../testing/fake-server.ts'

const matched: Preview = {
  messageId: 'm-1',
  outcome: 'matched',
  actions: [
    { name: 'never', action: 'send', trigger: 'type = "page"', matched: false },
    {
      name: 'send',
      action: 'send',
      trigger: 'type = "track"',
      matched: true,
      fields: { name: 'A' },
      requests: [
        { method: 'POST', url: 'https://example.com/in', headers: { authorization: '••••••••' }, body: { name: 'A' } },
      ],
    },
  ],
}
const invalid: Preview = {
  messageId: 'm-2',
  outcome: 'invalid',
  actions: [
    { name: 'send', action: 'send', trigger: 't', matched: true, problems: [{ path: 'name', message: 'is missing' }] },
  ],
}

test('preview shows which action matches and the request that would be sent', async (context) => {
  const server = await fakeServer(context, { 'POST /api/destinations/hook/preview': { body: matched } })
  const { exitCode, stdout } = await runCli(['preview', 'hook', '--id', 'm-1', '--data', server.data])
  assert.equal(exitCode, 0)
  assert.match(stdout, /○ never \(send\) +not matched by: type = "page"/)
  assert.match(stdout, /POST https:\/\/example\.com\/in/)
  assert.match(stdout, /"name": "A"/)
})

test('preview says what is wrong, and fails', async (context) => {
  const server = await fakeServer(context, { 'POST /api/destinations/hook/preview': { body: invalid } })
  const { exitCode, stdout } = await runCli(['preview', 'hook', '--id', 'm-2', '--data', server.data])
  assert.equal(exitCode, 1)
  assert.match(stdout, /message m-2 +invalid/)
  assert.match(stdout, /name: is missing/)
  const json = await runCli(['preview', 'hook', '--id', 'm-2', '--data', server.data, '--json'])
  assert.deepEqual(JSON.parse(json.stdout), invalid)
})

test('preview wants exactly one message, and files that are JSON', async (context) => {
  const server = await fakeServer(context, {})
  const file = join(server.data, 'broken.json')
  await writeFile(file, '{"type": ')
  const none = await runCli(['preview', 'hook', '--data', server.data])
  assert.deepEqual([none.exitCode, /--id/.test(none.stderr)], [2, true])
  const broken = await runCli(['preview', 'hook', '--message', file, '--data', server.data])
  assert.deepEqual([broken.exitCode, broken.stderr.includes('broken.json')], [1, true])
})

test('shadow draws each count and the samples', async (context) => {
  const report: ShadowReport = {
    messages: 10,
    unchanged: 8,
    changed: 0,
    newlyMatched: 0,
    newlyFiltered: 1,
    newlyFailing: 1,
    repaired: 0,
    samples: [{ kind: 'newlyFailing', messageId: 'm-2', before: matched, after: invalid }],
  }
  const server = await fakeServer(context, { 'POST /api/destinations/hook/shadow': { body: report } })
  const file = join(server.data, 'mappings.json')
  await writeFile(file, '[]')
  const { exitCode, stdout } = await runCli(['shadow', 'hook', '--mappings', file, '--data', server.data])
  assert.equal(exitCode, 0)
  assert.match(stdout, /newest 10 messages/)
  assert.match(stdout, /newly filtered +1/)
  assert.match(stdout, /newlyFailing: m-2/)
  assert.equal((await runCli(['shadow', 'hook', '--data', server.data])).exitCode, 2)
})
