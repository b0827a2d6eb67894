import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { snippetClientsOf, snippetLanguages, snippetOf } from '@millrace/api-client'
import type { SnippetLanguage } from '@millrace/api-client'
import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import { launchChromium, withoutChromium } from '../clients/browser/chromium.ts'
import { pageWith, startSite } from '../clients/browser/site.ts'
import { withoutPython } from '../clients/python/python-client.ts'
import { root } from '../structure/source-files.ts'
import { eventually } from '../support/eventually.ts'
import { hasGo } from '../support/go.ts'
import { runGo, runNode, runPython, runShell } from '../support/run-code.ts'
import { ServerUnderTest } from '../support/server-under-test.ts'

const run = promisify(execFile)
const launcher = join(root, 'packages/cli/bin/millrace.js')
const withoutGo = process.env['CI'] !== 'true' && !hasGo() ? 'there is no Go on this machine' : false
const needs: { readonly [language in SnippetLanguage]: string | false } = {
  js: withoutChromium,
  npm: withoutChromium,
  node: false,
  python: withoutPython,
  go: withoutGo,
  curl: false,
}

/** Each language with each client; the messages of each have a source of their own. */
const combinations = (Object.keys(snippetLanguages) as SnippetLanguage[]).flatMap((language) =>
  snippetClientsOf(language).map((client) => ({ language, client, source: `${language}-${client}` })),
)

describe('the code that `millrace snippet` prints', () => {
  let folder = ''
  let server: ServerUnderTest
  let browser: Browser | undefined
  before(async () => {
    // Inside the repository, so that the code finds its packages.
    mkdirSync(join(root, '.cache'), { recursive: true })
    folder = await mkdtemp(join(root, '.cache/snippets-'))
    const sources = Object.fromEntries(
      combinations.map(({ source }) => [source, { type: 'http', writeKeys: [`wk_${source}`] }]),
    )
    server = await ServerUnderTest.start({ folder, workspace: { sources }, ingestProcesses: 0 })
  })
  after(async () => {
    await browser?.close()
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  const openPage = async (head: string, program: string): Promise<AsyncDisposable> => {
    await using stack = new AsyncDisposableStack()
    browser ??= await launchChromium()
    const site = stack.use(await startSite())
    site.add('/app.js', 'js', program)
    const context = await browser.newContext()
    stack.defer(() => context.close())
    const page = await context.newPage()
    await page.goto(site.add('/', 'html', pageWith(`${head}<script src="/app.js" defer></script>`)))
    return stack.move()
  }

  const bundle = async (file: string): Promise<string> => {
    const { outputFiles } = await build({ entryPoints: [file], bundle: true, format: 'iife', write: false })
    return outputFiles[0]?.text ?? ''
  }

  /** Runs the code as its reader would; gives what holds it open, for a page. */
  const execute = async (
    language: SnippetLanguage,
    file: string,
    code: string,
  ): Promise<AsyncDisposable | undefined> => {
    if (language === 'js') {
      const global = /window\.(\w+)/.exec(code)?.[1] ?? ''
      // What the page of a reader does next, before or after the script is there.
      return openPage(code, `${global}.identify('user-1', { email: 'ada@example.com' }); ${global}.track('Signed Up')`)
    }
    if (language === 'npm') return openPage('', await bundle(file))
    const program = { node: runNode, python: runPython, go: runGo, curl: runShell }[language]
    await program(file)
    return undefined
  }

  for (const { language, client, source } of combinations) {
    test(`${language} with the client of ${client} sends`, { skip: needs[language], timeout: 120_000 }, async () => {
      const args = ['snippet', '--source', source, '--lang', language, '--client', client, '--data', server.data]
      const code = (await run(process.execPath, [launcher, ...args])).stdout
      const { file = '' } = snippetOf(language, client, { host: '', writeKey: '' }) ?? {}
      const path = join(folder, `${source}-${file}`)
      await writeFile(path, code)
      await using _open = await execute(language, path, code)
      // Only a page says which page it is.
      const expected = ['identify', 'Signed Up', ...(language === 'js' || language === 'npm' ? ['page'] : [])]
      await eventually(`the messages of ${source}`, async () => {
        const { entries } = await server.api.tail({ from: '0:0', source, limit: 100 })
        const names = entries.map(({ message }) => (message?.type === 'track' ? message.event : message?.type))
        assert.ok(names.length <= expected.length, `too much from ${source}: ${names.join(', ')}`)
        return expected.every((name) => names.includes(name)) || undefined
      })
    })
  }
})
