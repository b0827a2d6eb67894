import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { commands } from './commands.ts'
import { closedPort, fakeServer, runCli, temporaryFolder } from './testing/fake-server.ts'

const emptyLedger = { at: '2026-01-01T00:00:00.000Z', sources: [], destinations: [] }

test('lists every command without arguments, and fails as wrong use', async () => {
  const { exitCode, stdout } = await runCli([])
  assert.equal(exitCode, 2)
  for (const { name, summary } of commands) assert.ok(stdout.includes(name) && stdout.includes(summary), name)
})

test('shows options and examples in the help of each command, whatever else is wrong', async () => {
  for (const { name, examples, options } of commands) {
    const { exitCode, stdout } = await runCli([name, '--help'])
    assert.equal(exitCode, 0, name)
    for (const option of [...Object.keys(options), 'json', 'port', 'data'])
      assert.match(stdout, new RegExp(`--${option}\\b`))
    assert.ok(examples.length > 0, name)
    for (const { command } of examples) assert.ok(stdout.includes(command), command)
  }
})

test('refuses what it does not know with exit code 2, and points to the help', async () => {
  const cases: [string[], RegExp][] = [
    [['legder'], /no command "legder"\. There are: start, /],
    [['ledger', '--foo'], /'--foo'[^]*millrace ledger --help/],
    [['ledger', 'x'], /takes options only, not "x"/],
    [['trace'], /needs messageId/],
    [['trace', 'a', 'b'], /"b" is one too many/],
    [['tail', '--limit', '-1x'], /limit/],
    [['tail', '--limit=ten'], /--limit takes a whole number, not "ten"/],
    [['send', 'track', '--properties', '{'], /--properties takes JSON/],
    [['send', 'purchase'], /no message type "purchase"/],
    [['send'], /either a type/],
  ]
  for (const [args, expected] of cases) {
    const { exitCode, stdout, stderr } = await runCli(args)
    assert.match(stderr, expected)
    assert.deepEqual([exitCode, stdout], [2, ''], args.join(' '))
  }
})

test('finds the running server through its data folder, and sends the token of that folder', async (context) => {
  const server = await fakeServer(context, { 'GET /api/ledger': { body: emptyLedger } })
  const { exitCode } = await runCli(['ledger', '--data', server.data])
  assert.equal(exitCode, 0)
  assert.equal(server.seen[0]?.headers.authorization, 'Bearer token-1')
})

test('prefers the option over the environment, and the environment over the data folder', async (context) => {
  const routes = { 'GET /api/ledger': { body: emptyLedger } }
  const [first, second, third] = [
    await fakeServer(context, routes),
    await fakeServer(context, routes),
    await fakeServer(context, routes),
  ]
  const env = { MILLRACE_DATA: first.data, MILLRACE_PORT: String(second.port) }
  await runCli(['ledger'], { env: { MILLRACE_DATA: first.data } })
  await runCli(['ledger'], { env: { MILLRACE_DATA: first.data, MILLRACE_PORT: '0' } })
  assert.deepEqual([first.seen.length, second.seen.length], [2, 0], 'port 0 stands for any port')
  await runCli(['ledger'], { env })
  await runCli(['ledger', '--port', String(third.port)], { env })
  assert.deepEqual([first.seen.length, second.seen.length, third.seen.length], [2, 1, 1])
})

test('says how to start a server when none runs', async (context) => {
  const data = await temporaryFolder(context)
  const none = await runCli(['ledger', '--data', data])
  assert.equal(none.exitCode, 1)
  assert.ok(none.stderr.includes(`millrace start --data ${data}`), none.stderr)

  const url = `http://127.0.0.1:${await closedPort()}`
  await writeFile(join(data, 'server.json'), JSON.stringify({ url }))
  const noToken = await runCli(['ledger', '--data', data])
  assert.match(noToken.stderr, /admin token cannot be read/)
  await writeFile(join(data, 'admin-token'), 't')
  const gone = await runCli(['ledger', '--data', data])
  assert.equal(gone.exitCode, 1)
  assert.ok(gone.stderr.includes(`No server answers at ${url} (ECONNREFUSED). Start it with: millrace start`))
})

test('prints errors as JSON with --json, and the paths of a refusal in both forms', async (context) => {
  const errors = [{ path: 'destinations.hook.settings.url', reason: 'is not a URL' }]
  const server = await fakeServer(context, {
    'POST /api/workspace/reload': { status: 400, body: { code: 'invalid_workspace', message: 'Refused.', errors } },
  })
  const json = await runCli(['apply', '--json', '--data', server.data])
  assert.deepEqual(JSON.parse(json.stderr), { error: { code: 'invalid_workspace', message: 'Refused.', errors } })
  const plain = await runCli(['apply', '--data', server.data])
  assert.match(plain.stderr, /Refused\.\n {2}destinations\.hook\.settings\.url: is not a URL/)
  assert.deepEqual([json.exitCode, plain.exitCode], [1, 1])
})

test('colours only a terminal, and not with NO_COLOR', async (context) => {
  const server = await fakeServer(context, { 'GET /api/ledger': { body: emptyLedger } })
  const args = ['ledger', '--data', server.data]
  const escape = '\u001b['
  assert.ok((await runCli(args, { isTTY: true })).stdout.includes(escape))
  assert.ok(!(await runCli(args)).stdout.includes(escape))
  assert.ok(!(await runCli(args, { isTTY: true, env: { NO_COLOR: '1' } })).stdout.includes(escape))
})
