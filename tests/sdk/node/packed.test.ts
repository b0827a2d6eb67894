import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { buildSdk } from '../../../scripts/build-sdk.ts'
import { root } from '../../structure/source-files.ts'

const run = promisify(execFile)

/** The Node of the machine, where it has one of its own that is older: the SDK has to run on it. */
const nodes = [...new Set(['/usr/bin/node', '/usr/local/bin/node', process.execPath])].filter(existsSync)

const program = (load: string): string => `${load}
  const analytics = createAnalytics({ writeKey: 'wk', host: process.env.HOST })
  analytics.track({ userId: 'user-1', ...orderCompleted({ total: 5 }) })
  analytics.close().then(() => console.log(process.version))`

describe('what npm gets of the SDK', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-packed-'))
    for (const name of ['sdk-node', 'events']) {
      const built = join(folder, 'built', name)
      await buildSdk(name, built)
      const packed = JSON.parse(
        execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: built, stdio: 'pipe' }).toString(),
      ) as { filename: string; name: string }[]
      const target = join(folder, 'node_modules', packed[0]?.name ?? '')
      await mkdir(target, { recursive: true })
      execFileSync('tar', ['-xzf', join(folder, packed[0]?.filename ?? ''), '--strip-components=1', '-C', target])
    }
    await writeFile(join(folder, 'package.json'), '{"type":"commonjs"}')
  })
  after(() => rm(folder, { recursive: true, force: true }))

  it('has no dependency and no TypeScript but declarations', async () => {
    const files = await readdir(join(folder, 'node_modules/@millrace/node'), { recursive: true })
    assert.deepEqual(
      files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts')),
      [],
    )
    const manifest = await readFile(join(folder, 'node_modules/@millrace/node/package.json'), 'utf8')
    assert.doesNotMatch(manifest, /dependencies/)
  })

  for (const node of nodes) {
    for (const [file, load] of [
      [
        'main.mjs',
        `import { createAnalytics } from '@millrace/node'; import { orderCompleted } from '@millrace/events'`,
      ],
      [
        'main.cjs',
        `const { createAnalytics } = require('@millrace/node'); const { orderCompleted } = require('@millrace/events')`,
      ],
    ] as const) {
      it(`sends from ${file} with ${node === process.execPath ? 'the Node of the tests' : node}`, async () => {
        const events: string[] = []
        const server = createServer((request, response) => {
          let text = ''
          request.on('data', (chunk: Buffer) => (text += chunk.toString()))
          request.on('end', () => {
            events.push(...(JSON.parse(text) as { batch: { event: string }[] }).batch.map(({ event }) => event))
            response.end('{"success":true}')
          })
        })
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        try {
          const address = server.address()
          const host = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
          await writeFile(join(folder, file), program(load))
          await run(node, [join(folder, file)], { env: { ...process.env, HOST: host }, timeout: 30_000 })
          assert.deepEqual(events, ['Order Completed'])
        } finally {
          server.close()
        }
      })
    }
  }

  for (const [file, module] of [
    ['typed.mts', 'an ES module'],
    ['typed.cts', 'CommonJS'],
  ] as const) {
    it(`has types for ${module}: what is right compiles, what is wrong does not`, async () => {
      const text = `import { createAnalytics } from '@millrace/node'
        import { orderCompleted } from '@millrace/events'
        const analytics = createAnalytics({ writeKey: 'w', host: 'h' })
        analytics.track({ userId: 'u', event: 'Order Completed', properties: { total: 5, gift: true } })
        analytics.track({ userId: 'u', ...orderCompleted({ total: 5 }) })
        analytics.track({ userId: 'u', event: 'Other', properties: { any: 5 } })
        analytics.on('error', ({ ctx }) => ctx?.event.type)
        // @ts-expect-error an amount is a number
        analytics.track({ userId: 'u', event: 'Order Completed', properties: { total: '5' } })
      `
      await writeFile(join(folder, file), text)
      const options = ['--noEmit', '--strict', '--module', 'nodenext', '--typeRoots', join(root, 'node_modules/@types')]
      const { stdout } = await run(join(root, 'node_modules/.bin/tsc'), [...options, '--types', 'node', file], {
        cwd: folder,
      })
      assert.equal(stdout, '')
    })
  }
})
