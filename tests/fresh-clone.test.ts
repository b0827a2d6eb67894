import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { removeFolder, temporaryFolder } from '@millrace/testkit'
import { commandsOf } from './structure/code-blocks.ts'
import { root } from './structure/source-files.ts'
import { eventually } from './support/eventually.ts'

/**
 * The first screen of the README, from nothing: clone, `npm start`, and its commands as they stand there. Somebody who reads
 * and copies needs a minute on top of what is measured here; together it has to stay under five.
 */
const limitMs = 4 * 60_000
const skip =
  process.env['CI'] !== 'true'
    ? 'it installs all dependencies anew, which only CI does'
    : !existsSync(join(root, '.git')) && 'there is no repository to clone'

const run = promisify(execFile)

test(
  'README: from a fresh clone to the first event at every destination',
  { skip, timeout: 2 * limitMs },
  async (t) => {
    const folder = await temporaryFolder()
    const clone = join(folder, 'millrace')
    const port = await freePort()
    const startedMs = performance.now()
    const seconds = (): string => ((performance.now() - startedMs) / 1000).toFixed(1)
    await run('git', ['clone', '--quiet', root, clone])

    // What npm tells a script that it runs would lead the npm in the clone back to this repository.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:npm_|MILLRACE_)/i.test(name)))
    const shell = async (command: string): Promise<string> =>
      (await run('sh', ['-c', command], { cwd: clone, env })).stdout
    const server = spawn('npm', ['start', '--', '--port', String(port)], { cwd: clone, env, detached: true })
    const ended = once(server, 'exit')
    let said = ''
    for (const output of [server.stdout, server.stderr]) output.on('data', (text: Buffer) => (said += text.toString()))
    try {
      await eventually(
        'the server says that it runs',
        () => {
          assert.equal(server.exitCode, null, said)
          return said.includes('Millrace is running.') ? true : undefined
        },
        { timeoutMs: limitMs, everyMs: 200 },
      )
      t.diagnostic(`running after ${seconds()} s`)
      const commands = commandsOf('README.md').map((command) => command.replaceAll(':8420', `:${port}`))
      const find = (word: string): string => commands.find((command) => command.includes(word)) ?? assert.fail(word)
      assert.equal(await shell(find('curl')), '{"success":true}')
      await eventually('all three destinations have it', async () => {
        const trace = await shell(find('trace'))
        return ['file', 'hook', 'warehouse'].every((name) => new RegExp(`${name}.* delivered`).test(trace)) || undefined
      })
      t.diagnostic(`the first event is at every destination after ${seconds()} s`)
      assert.match(await shell(find('sql')), /Signed Up\s+user-1\s+pro/)
      assert.match(await shell(find('ledger')), /Balanced/)
      assert.ok(performance.now() - startedMs < limitMs, `it took ${seconds()} s`)
    } finally {
      if (server.pid !== undefined && server.exitCode === null) process.kill(-server.pid, 'SIGINT')
      await ended
      await removeFolder(folder)
    }
  },
)

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
