import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fakeServer, runCli, temporaryFolder } from '../testing/fake-server.ts'

/** A program in place of the server: keeps its arguments in a file, then does what `body` says. */
async function fakeProgram(folder: string, body: string): Promise<string> {
  const file = join(folder, 'main.mjs')
  const keep = `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(join(folder, 'args.json'))}, JSON.stringify(process.argv.slice(2)))\n`
  await writeFile(file, keep + body)
  return file
}
const argsIn = async (folder: string): Promise<unknown> => JSON.parse(await readFile(join(folder, 'args.json'), 'utf8'))

test('start gives the server its settings, defaults included, and takes over its exit code', async (context) => {
  const folder = await temporaryFolder(context)
  const serverMain = await fakeProgram(folder, 'process.exit(7)')
  const env = { MILLRACE_CONFIG: 'from-env.json', MILLRACE_DATA: 'from-env' }
  assert.equal((await runCli(['start'], { cwd: folder, serverMain })).exitCode, 7)
  assert.deepEqual(await argsIn(folder), ['start', '--data', './.millrace', '--port', '8420', '--host', '127.0.0.1'])
  await runCli(['start', '--data', 'd', '--port', '0', '--roles', 'ingest,control', '--json'], {
    cwd: folder,
    serverMain,
    env,
  })
  const expected = 'start --data d --port 0 --host 127.0.0.1 --config from-env.json --roles ingest,control --json'
  assert.deepEqual(await argsIn(folder), expected.split(' '))
})

test('validate takes the usual file of the folder, or says that there is none', async (context) => {
  const folder = await temporaryFolder(context)
  const serverMain = await fakeProgram(folder, '')
  const none = await runCli(['validate'], { cwd: folder, serverMain })
  assert.equal(none.exitCode, 2)
  assert.match(none.stderr, /no millrace\.config/)
  await writeFile(join(folder, 'millrace.config.yaml'), '')
  assert.equal((await runCli(['validate'], { cwd: folder, serverMain })).exitCode, 0)
  assert.deepEqual(await argsIn(folder), ['validate', '--config', 'millrace.config.yaml'])
  await runCli(['validate', '--config', 'other.json', '--json'], { cwd: folder, serverMain })
  assert.deepEqual(await argsIn(folder), ['validate', '--config', 'other.json', '--json'])
})

test('schema asks the server program', async (context) => {
  const folder = await temporaryFolder(context)
  const serverMain = await fakeProgram(folder, '')
  assert.equal((await runCli(['schema'], { cwd: folder, serverMain })).exitCode, 0)
  assert.deepEqual(await argsIn(folder), ['schema'])
})

const change = {
  applied: true,
  version: 4,
  added: ['two'],
  changed: [],
  removed: [{ id: 'one', backlog: 7 }],
  renamed: [{ from: 'b', to: 'c' }],
}

test('apply sends the document of a file as the server program reads it', async (context) => {
  const server = await fakeServer(context, {
    'PUT /api/workspace': { body: change },
  })
  const serverMain = await fakeProgram(server.data, `console.log('{"sources":{}}')`)
  const args = ['apply', '--config', 'w.yaml', '--confirm', 'one', '--confirm', 'two', '--data', server.data]
  const { exitCode, stdout } = await runCli(args, { cwd: server.data, serverMain })
  assert.equal(exitCode, 0)
  assert.match(stdout, /Version 4 is in force\.\n {2}added two\n {2}renamed b to c\n {2}removed one; 7 messages/)
  assert.deepEqual(await argsIn(server.data), ['document', '--config', 'w.yaml'])
  const [request] = server.seen
  assert.ok(request)
  const { by, ...rest } = request.body as { by: string }
  assert.deepEqual(rest, { document: { sources: {} }, confirm: ['one', 'two'] })
  assert.match(by, /^cli:./)
})

test('apply sends nothing when the file cannot be read, and shows why', async (context) => {
  const server = await fakeServer(context, { 'PUT /api/workspace': { body: { version: 4 } } })
  const serverMain = await fakeProgram(server.data, `console.error('line 3: no'); process.exit(1)`)
  const args = ['apply', '--config', 'w.yaml', '--data', server.data]
  const { exitCode, stderr } = await runCli(args, { cwd: server.data, serverMain })
  assert.equal(exitCode, 1)
  assert.match(stderr, /line 3: no[^]*Nothing was applied/)
  assert.equal(server.seen.length, 0)
})

test('apply without a file has the server read its own again', async (context) => {
  const server = await fakeServer(context, { 'POST /api/workspace/reload': { body: { ...change, applied: false } } })
  const { exitCode, stdout } = await runCli(['apply', '--json', '--data', server.data])
  assert.deepEqual([exitCode, JSON.parse(stdout)], [0, { ...change, applied: false }])
  assert.match((await runCli(['apply', '--data', server.data])).stdout, /Nothing to do: .* version 4/)
})

test('passes SIGTERM on, and waits for the server to finish', async (context) => {
  const folder = await temporaryFolder(context)
  const program = `process.on('SIGTERM', () => { console.log('finishing'); process.exit(3) })
setInterval(() => {}, 1000)
console.log('ready')`
  const serverMain = await fakeProgram(folder, program)
  const caller = join(folder, 'caller.ts')
  const module = JSON.stringify(new URL('../server-program.ts', import.meta.url).href)
  await writeFile(
    caller,
    `import { runServerProgram } from ${module}
process.exitCode = await runServerProgram(
  { serverMain: ${JSON.stringify(serverMain)}, cwd: process.cwd(), env: process.env } as never, [])`,
  )
  const child = spawn(process.execPath, [caller], { stdio: ['ignore', 'pipe', 'inherit'] })
  context.after(() => child.kill('SIGKILL'))
  const exit = once(child, 'exit')
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (line === 'ready') child.kill('SIGTERM')
  }
  assert.deepEqual(
    [lines, await exit],
    [
      ['ready', 'finishing'],
      [3, null],
    ],
  )
})
