import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Json } from '@millrace/protocol'
import { removeFolder, temporaryFolder } from '@millrace/testkit'
import type { Browser } from 'playwright-core'
import { launchChromium, withoutChromium } from '../clients/browser/chromium.ts'
import { codeBlocks } from '../structure/code-blocks.ts'
import { filesOf, read, root } from '../structure/source-files.ts'
import { drained } from '../support/accounts.ts'
import { goProgram, hasGo } from '../support/go.ts'
import { hasPython, pythonWith } from '../support/python.ts'
import { query } from '../support/warehouse.ts'
import { typed } from './command-line.ts'
import { assertCustomerIo, assertMessages } from './compare.ts'
import { expectationsOf } from './expectations.ts'
import type { Expectations } from './expectations.ts'
import { clickThrough, example, runProgram } from './languages.ts'
import type { Target } from './languages.ts'
import { startPagesServer } from './pages-server.ts'
import { languages, sourceOf, startRig } from './rig.ts'
import type { Language, Rig } from './rig.ts'

/**
 * The use cases of `examples/`, run as their pages say, against the real server. All programs of a use case must give what
 * the tables of its page promise at a webhook, in DuckDB and at Customer.io.
 */
const useCases = filesOf('examples/*/browser.html').map((file) => file.split('/')[1] as string)

let rig: Rig
let browser: Browser | undefined

const run: Readonly<Record<Language, (useCase: string, target: Target, expected: Expectations) => Promise<unknown>>> = {
  curl: (useCase, target) => runProgram('sh', [example(useCase, 'curl.sh')], target),
  node: (useCase, target) => runProgram(process.execPath, [example(useCase, 'node.mjs')], target),
  python: (useCase, target) =>
    runProgram(pythonWith(join(root, 'examples/requirements.txt')), [example(useCase, 'main.py')], target),
  go: (useCase, target) => runProgram(goProgram(join(root, 'examples', useCase)), [], target),
  browser: async (useCase, target, { messages }) => {
    browser ??= await launchChromium()
    await using pages = await startPagesServer(target, useCases.length)
    await clickThrough(browser, pages.addressOf(useCase), messages.length)
  },
}
/** There nothing may be missing. */
const isCI = process.env['CI'] === 'true'
const missing: Readonly<Partial<Record<Language, string | false>>> = {
  browser: withoutChromium,
  python: isCI || hasPython() ? false : 'there is no python3 with venv on this machine',
  go: isCI || hasGo() ? false : 'there is no Go on this machine',
}

before(async () => {
  rig = await startRig()
})
after(async () => {
  await browser?.close()
  await rig[Symbol.asyncDispose]()
})

for (const useCase of useCases) {
  describe(`examples/${useCase}`, () => {
    const expected = expectationsOf(useCase)

    for (const language of languages) {
      it(`${language}: what its page promises arrives`, { skip: missing[language] ?? false }, async () => {
        const { server, lanes } = rig
        const { writeKey, hook, customerIo } = lanes[language]
        const alreadyThere = hook.messages.length
        await run[language](useCase, { url: server.url, writeKey }, expected)
        await drained(server)
        const ids = assertMessages(hook.messages.slice(alreadyThere), expected, language === 'browser')
        const rows = await query(server.api, expected.statement.replaceAll(/\bweb\./g, `${sourceOf(language)}.`))
        assert.deepEqual(
          rows.map((row) => row.map(String)),
          expected.rows,
        )
        assertCustomerIo(customerIo, expected, ids)
      })
    }

    it('its query, typed as it stands, finds the same after a second run', async () => {
      const { server, lanes } = rig
      const { writeKey, hook } = lanes.curl
      await run.curl(useCase, { url: server.url, writeKey }, expected)
      await drained(server)
      const { rows } = JSON.parse(await typed(`${expected.command} --json`, server)) as { rows: Json[][] }
      assert.deepEqual(
        rows.map((row) => row.map(String)),
        expected.rows,
      )
      const last = hook.messages.at(-1)?.['messageId'] as string
      const trace = await typed(`npx millrace trace ${last}`, server)
      for (const destination of ['warehouse', 'hook_web', 'customerio_web']) {
        assert.match(trace, new RegExp(`${destination}.* delivered`))
      }
    })
  })
}

describe('examples/README.md', () => {
  it('describes a workspace with Customer.io that is valid', async () => {
    const folder = await temporaryFolder()
    try {
      const example = codeBlocks('examples/README.md').find(({ language }) => language === 'json')
      const workspace = JSON.parse(read('examples/quickstart/millrace.config.json')) as { destinations: object }
      Object.assign(workspace.destinations, JSON.parse(example?.text ?? ''))
      await writeFile(join(folder, 'my.config.json'), JSON.stringify(workspace))
      const credentials = { CUSTOMERIO_SITE_ID: 'site', CUSTOMERIO_API_KEY: 'key' }
      const said = await typed(
        'npx millrace validate --config my.config.json',
        { data: folder },
        { cwd: folder, env: credentials },
      )
      assert.match(said, /valid/)
    } finally {
      await removeFolder(folder)
    }
  })

  it('names every use case, and each use case has all programs', () => {
    const links = [...read('examples/README.md').matchAll(/\]\(([\w-]+)\/README\.md\)/g)].map((match) => match[1])
    assert.deepEqual(
      links.toSorted((one = '', other = '') => (one < other ? -1 : 1)),
      useCases,
    )
    const programs = ['browser.html', 'curl.sh', 'main.go', 'main.py', 'node.mjs']
    for (const useCase of useCases) {
      assert.deepEqual(
        programs.filter((name) => !existsSync(example(useCase, name))),
        [],
        useCase,
      )
    }
  })
})
