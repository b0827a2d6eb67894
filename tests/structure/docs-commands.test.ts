import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { checkPayload, compileMapping, compileTrigger, delivered, presetsOf } from '@millrace/component-kit'
import type { AnyDestination, HttpRequest } from '@millrace/component-kit'
import { checkWorkspace, readWorkspaceFile } from '@millrace/control'
import type { WorkspaceRegistry } from '@millrace/control'
import { destinations } from '@millrace/destinations'
import { httpSourceSettings } from '@millrace/ingestion'
import type { JsonObject, Message } from '@millrace/protocol'
import { warehouses } from '@millrace/warehouses'
import { commands, commonOptions } from 'millrace'
import { startJsonReceiver } from '../support/json-receiver.ts'
import type { JsonReceiver } from '../support/json-receiver.ts'
import { ServerUnderTest } from '../support/server-under-test.ts'
import { codeBlocks, commandsOf } from './code-blocks.ts'
import { filesOf, read, root } from './source-files.ts'

const run = promisify(execFile)
const documents = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...filesOf('docs/**/*.md', 'examples/**/*.md')]
const documentedUrl = 'http://127.0.0.1:8420'
/** Run by other tests, or by the reader before there is a repository. */
const notRun = /^(?:npm (?:start|test)\b|npm run \w+$|node scripts\/|git clone |cd )/
const guidesWithCommands = [
  'send-with-existing-clients',
  'operate',
  'run-in-parallel',
  'try-a-mapping',
  'alerts',
  'replay',
  'redrive',
  'identity',
].map((name) => `docs/guides/${name}.md`)

describe('documents', () => {
  it('link to files that exist', () => {
    const broken = documents.flatMap((file) =>
      [...read(file).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map((match) => match[1] as string)
        .filter((link) => !/^https?:/.test(link) && !existsSync(join(root, file, '..', link)))
        .map((link) => `${file}: ${link}`),
    )
    assert.deepEqual(broken, [])
  })

  it('name commands, options and scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: { [name: string]: string } }
    const wrong: string[] = []
    for (const file of documents) {
      for (const [line, rest = ''] of read(file).matchAll(/npx millrace(?: ([^\n`]+))?/g)) {
        const [name = '', ...words] = rest.split(' ')
        const command = commands.find((each) => each.name === name)
        const options = { ...commonOptions, ...command?.options }
        const unknown = words.filter((word) => word.startsWith('--') && !Object.hasOwn(options, word.slice(2)))
        if (command === undefined || unknown.length > 0) wrong.push(`${file}: ${line}`)
      }
      for (const [line, script = ''] of read(file).matchAll(/npm run ([\w:]+)/g)) {
        if (scripts[script] === undefined) wrong.push(`${file}: ${line}`)
      }
      for (const [line, script = ''] of read(file).matchAll(/node (scripts\/[\w.-]+)/g)) {
        if (!existsSync(join(root, script))) wrong.push(`${file}: ${line}`)
      }
    }
    assert.deepEqual(wrong, [])
    const table = [...read('README.md').matchAll(/^\| `millrace (\w+)` \|/gm)].map((match) => match[1] as string)
    assert.deepEqual(table.sort(), commands.map(({ name }) => name).sort(), 'the table of the README')
  })

  it('list the metrics that the program has, and no other', () => {
    const source = read('packages/server/src/views/metrics-view.ts')
    const inCode = new Set([...source.matchAll(/\bmillrace_\w+/g)].map((match) => match[0]))
    const rows = [...read('docs/guides/operate.md').matchAll(/^\| `(millrace_\w+)` \|/gm)].map(
      (match) => match[1] as string,
    )
    assert.deepEqual(rows.sort(), [...inCode].sort())
  })
})

describe('code of the documents', () => {
  let folder = ''
  before(async () => {
    // Inside the repository, so that its packages are found.
    mkdirSync(join(root, '.cache'), { recursive: true })
    folder = await mkdtemp(join(root, '.cache/docs-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  for (const [index, { language, text }] of codeBlocks('README.md')
    .filter(({ language }) => language === 'json' || language === 'ts')
    .entries()) {
    it(`README, workspace ${index + 1} (${language}), is valid`, async () => {
      const file = join(folder, `workspace-${index}.${language}`)
      await writeFile(file, text)
      const loaded = await Promise.all(
        Object.entries(destinations).map(async ([slug, load]) => [slug, await load()] as const),
      )
      const registry: WorkspaceRegistry = {
        destinations: Object.fromEntries(loaded),
        warehouses,
        sources: { http: { name: 'HTTP', description: '', settings: httpSourceSettings } },
      }
      const { problems } = checkWorkspace(await readWorkspaceFile(file), registry, { env: { HOOK_TOKEN: 'x' } })
      assert.equal(problems, undefined)
    })
  }

  it('write-a-destination: what is declared runs, and its example holds', async () => {
    for (const { name, text } of codeBlocks('docs/guides/write-a-destination.md')) {
      if (name !== '') await writeFile(join(folder, name), text)
    }
    const { default: destination } = (await import(join(folder, 'index.ts'))) as { default: AnyDestination }
    const settings = { webhookUrl: 'https://chat.example.com/hooks/1' }
    for (const { action: name, trigger, fields } of presetsOf(destination)) {
      const action = destination.actions[name]
      assert.ok(action !== undefined)
      const parser = checkPayload(action.fields)
      for (const { message, requests } of action.examples) {
        const sent: HttpRequest[] = []
        assert.equal(compileTrigger(trigger).matches(message as unknown as Message), true)
        const { values } = parser.parse(compileMapping(fields).apply(message)) as {
          values: JsonObject
        }
        const http = {
          request: async (request: HttpRequest) => (sent.push(request), { status: 200, headers: {}, text: '' }),
        }
        const context = {
          settings,
          http,
          signal: new AbortController().signal,
          now: () => 0,
          destinationId: 'chat',
          dataDirectory: folder,
        }
        const outcomes = await action.deliver(context, [
          { action: name, values, idempotencyKey: 'key', messageId: 'm-1' },
        ])
        assert.deepEqual(outcomes, [delivered])
        assert.deepEqual(
          sent.map(({ body }) => JSON.parse(String(body))),
          requests,
        )
      }
    }
  })

  describe('against a running server', () => {
    let server: ServerUnderTest
    let told: JsonReceiver
    before(async () => {
      told = await startJsonReceiver()
      const alerts = codeBlocks('docs/guides/alerts.md').find(({ name }) => name === 'alerts.json')?.text ?? ''
      process.env['ALERTS_SIGNING_SECRET'] = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
      process.env['SMTP_PASSWORD'] = 'secret'
      const workspace = {
        ...(JSON.parse(read('examples/quickstart/millrace.config.json')) as JsonObject),
        ...(JSON.parse(alerts.replace('https://hooks.example.com/millrace', told.url)) as JsonObject),
      }
      // Nobody listens on the port of the sample receiver here; its messages wait.
      server = await ServerUnderTest.start({ folder, workspace })
      await writeFile(join(folder, 'millrace.config.json'), JSON.stringify(workspace))
      for (const guide of ['try-a-mapping', 'identity']) {
        for (const { name, text } of codeBlocks(`docs/guides/${guide}.md`)) {
          if (name !== '') await writeFile(join(folder, name), text)
        }
      }
      // What another system exported, for `millrace compare`.
      const exported = JSON.stringify({ type: 'track', userId: 'user-9', event: 'Moved', messageId: 'exported-1' })
      await fetch(`${server.url}/v1/track?writeKey=wk_web`, { method: 'POST', body: exported })
      await writeFile(join(folder, 'export.ndjson'), exported)
    })
    after(async () => {
      await server[Symbol.asyncDispose]()
      await told[Symbol.asyncDispose]()
    })

    /** As a reader would type it, with the address and the data folder of this server. */
    const shell = async (command: string): Promise<string> => {
      const words = { ...process.env, MILLRACE_DATA: server.data }
      const line = command
        .replaceAll(documentedUrl, server.url)
        .replace(/^npx millrace/, `'${process.execPath}' '${join(root, 'packages/cli/bin/millrace.js')}'`)
      return (await run('sh', ['-c', line], { cwd: folder, env: words, timeout: 30_000 })).stdout
    }

    /** What was accepted a moment ago may not be delivered yet. */
    const eventually = async (command: string, expected: RegExp): Promise<void> => {
      for (let turn = 1; ; turn++) {
        const output = await shell(command).catch((error: unknown) => String(error))
        if (expected.test(output)) return
        assert.ok(turn < 30, `${command}\n${output}`)
      }
    }

    it('README: the first event arrives, and can be traced', async () => {
      for (const command of commandsOf('README.md')) {
        if (command.startsWith('curl')) assert.equal(await shell(command), '{"success":true}')
        else if (command.includes('trace')) await eventually(command, /warehouse +delivered/)
        else if (command.includes('sql')) await eventually(command, /Signed Up\s+user-1\s+pro/)
        else if (command.includes('ledger')) await eventually(command, /Balanced/)
        else assert.match(command, notRun)
      }
    })

    for (const { text } of codeBlocks('docs/guides/send-with-existing-clients.md').filter(
      ({ language }) => language === 'js',
    )) {
      const client = /from '(.+?)'/.exec(text)?.[1] ?? ''
      it(`send-with-existing-clients: ${client} sends two messages`, async () => {
        const accepted = async (): Promise<number> =>
          (await server.api.ledger()).sources.find(({ source }) => source === 'web')?.accepted ?? 0
        const file = join(folder, `${client.replaceAll(/\W+/g, '-')}.mjs`)
        await writeFile(file, text.replaceAll(documentedUrl, server.url))
        const beforeMessages = await accepted()
        await run(process.execPath, [file], { cwd: folder, timeout: 60_000 })
        assert.equal((await accepted()) - beforeMessages, 2)
      })
    }

    for (const document of guidesWithCommands) {
      it(`${document}: every command works`, async () => {
        for (const command of commandsOf(document)) {
          if (command.startsWith('npx millrace sql')) await eventually(command, /─\n/)
          else if (command.startsWith('npx millrace preview')) await eventually(command, /matched/)
          else if (/^(?:npx millrace|curl) /.test(command)) await shell(command)
          else assert.match(command, notRun)
        }
      })
    }
  })
})

describe('commands of the documents', () => {
  it('are run here, or are known not to be', () => {
    // The query of each use case is run by tests/examples.
    const run = new Set(['README.md', ...guidesWithCommands, ...filesOf('examples/*/README.md')])
    for (const file of documents) {
      if (!run.has(file)) for (const command of commandsOf(file)) assert.match(command, notRun, file)
    }
  })
})
