import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { fakeServer, runCli } from '../testing/fake-server.ts'

const document = {
  sources: {
    web: { type: 'http', writeKeys: ['wk_web', 'wk_old'] },
    shop: { type: 'http', writeKeys: ['wk_shop'], settings: { browserScript: 'customerio' } },
  },
}

const workspaceWith = (context: TestContext, network: object = {}) =>
  fakeServer(context, {
    'GET /api/workspace': { body: { mode: 'file', version: 1, document: { ...document, network } } },
  })

test('snippet prints the code alone, with the first key of the source and the address of the server', async (context) => {
  const { data, url } = await workspaceWith(context)
  const { exitCode, stdout, stderr } = await runCli(['snippet', '--source', 'web', '--lang', 'node', '--data', data])
  assert.equal(exitCode, 0)
  assert.match(stdout, /^import \{ Analytics \} from '@millrace\/node'\n/)
  assert.ok(stdout.includes(`writeKey: 'wk_web'`) && stdout.includes(`host: '${url}'`))
  assert.equal(stderr, 'Needs: npm install @millrace/node\n')
})

test('snippet says the public address when the workspace has one, and another one when told', async (context) => {
  const { data } = await workspaceWith(context, { publicUrl: 'https://events.example.com/' })
  const args = ['snippet', '--source', 'web', '--lang', 'curl', '--json', '--data', data]
  const answer = JSON.parse((await runCli(args)).stdout) as { host: string; code: string }
  assert.equal(answer.host, 'https://events.example.com')
  assert.ok(answer.code.includes(`'https://events.example.com/v1/batch'`))
  assert.ok(
    (await runCli([...args, '--host', 'https://other.example.com'])).stdout.includes('https://other.example.com'),
  )
})

test('snippet takes for a page the script that the source serves', async (context) => {
  const { data } = await workspaceWith(context)
  const args = ['snippet', '--lang', 'js', '--data', data, '--source']
  assert.ok((await runCli([...args, 'web'])).stdout.includes('/analytics.js/v1/wk_web/analytics.min.js'))
  assert.ok((await runCli([...args, 'shop'])).stdout.includes('/v1/analytics-js/snippet/wk_shop/analytics.min.js'))
  const other = await runCli([...args, 'shop', '--client', 'segment'])
  assert.equal(other.exitCode, 1)
  assert.match(other.stderr, /--client customerio/)
})

test('snippet refuses a source, a language and a client that do not exist, with those that do', async (context) => {
  const { data } = await workspaceWith(context)
  const refused = async (...args: string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await runCli(['snippet', '--data', data, ...args])
    assert.deepEqual([exitCode, stdout], [2, ''])
    return stderr
  }
  assert.match(await refused('--lang', 'node', '--source', 'wbe'), /no source "wbe"\. There are: web, shop\./)
  assert.match(await refused('--lang', 'node'), /--source is missing\. There are: web, shop\./)
  assert.match(await refused('--source', 'web', '--lang', 'cobol'), /js, npm, node, python, go, curl/)
  assert.match(await refused('--source', 'web', '--lang', 'go', '--client', 'millrace'), /segment, customerio/)
})
