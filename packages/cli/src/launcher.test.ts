import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from './testing/fake-server.ts'

const launcher = fileURLToPath(new URL('../bin/millrace.js', import.meta.url))
const old = ['--import', pretend('20.19.0')]

/** A module that makes the launcher believe that it runs on another Node. */
function pretend(version: string): string {
  const code = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`
  return `data:text/javascript,${encodeURIComponent(code)}`
}

/** A copy of the launcher with a program behind it that tells its arguments and fails with 5. */
async function installation(context: TestContext): Promise<string> {
  const folder = await temporaryFolder(context)
  await mkdir(join(folder, 'bin'))
  await mkdir(join(folder, 'src'))
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await copyFile(launcher, join(folder, 'bin/millrace.js'))
  await writeFile(
    join(folder, 'src/main.ts'),
    'console.log(`main ${process.argv.slice(2).join()}`)\nprocess.exitCode = 5',
  )
  return folder
}

const launch = (folder: string, args: readonly string[]) =>
  spawnSync(process.execPath, [...args, join(folder, 'bin/millrace.js'), 'a', 'b c'], { encoding: 'utf8', cwd: folder })

test('runs the command in its own process on a Node that is new enough', async (context) => {
  const { status, stdout, stderr } = launch(await installation(context), [])
  assert.deepEqual([status, stdout, stderr], [5, 'main a,b c\n', ''])
})

test('runs it with the Node of the npm package on an older one, and takes over its exit code', async (context) => {
  const folder = await installation(context)
  const binary = join(folder, 'node_modules/node/bin/node')
  await mkdir(join(folder, 'node_modules/node/bin'), { recursive: true })
  await writeFile(join(folder, 'node_modules/node/package.json'), '{"name":"node","version":"26.0.0"}')
  await writeFile(binary, `#!/bin/sh\necho "by the package"\nexec "${process.execPath}" "$@"\n`)
  await chmod(binary, 0o755)
  const { status, stdout } = launch(folder, old)
  assert.deepEqual([status, stdout], [5, 'by the package\nmain a,b c\n'])
})

test('says what to install when there is no newer Node', async (context) => {
  const { status, stdout, stderr } = launch(await installation(context), old)
  assert.deepEqual([status, stdout], [1, ''])
  assert.match(stderr, /needs Node\.js 24 or newer; this is 20\.19\.0.*npm install node@26/)
})

test('starts the real command', () => {
  const { status, stdout } = spawnSync(process.execPath, [launcher, '--help'], { encoding: 'utf8' })
  assert.equal(status, 0)
  assert.match(stdout, /Usage: millrace <command>/)
})
