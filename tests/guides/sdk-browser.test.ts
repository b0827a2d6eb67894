import assert from 'node:assert/strict'
import { test } from 'node:test'
import { build } from 'esbuild'
import { launchChromium, withoutChromium } from '../clients/browser/chromium.ts'
import { pageWith, startSite } from '../clients/browser/site.ts'
import { eventually } from '../support/eventually.ts'
import { writeGuideCode } from './guide-code.ts'
import { GuideServer } from './guide-server.ts'

test('source-browser: the code sends what it says', { skip: withoutChromium, timeout: 60_000 }, async () => {
  await using stack = new AsyncDisposableStack()
  const rig = stack.use(await GuideServer.start())
  assert.equal((await writeGuideCode('source-browser', rig.folder, rig.server.url)).length, 2)
  const { outputFiles } = await build({
    stdin: {
      contents: `import './source-browser.js'
        import { decided } from './source-browser-consent.js'
        decided({ analytics: true })`,
      resolveDir: rig.folder,
    },
    bundle: true,
    format: 'iife',
    write: false,
    logLevel: 'error',
  })
  const site = stack.use(await startSite())
  site.add('/app.js', 'js', outputFiles[0]?.text ?? '')
  const browser = await launchChromium()
  stack.defer(() => browser.close())
  const page = await browser.newPage()
  await page.goto(site.add('/', 'html', pageWith('<script src="/app.js" defer></script>')))
  const messages = await eventually('all messages arrive', async () => {
    const { entries } = await rig.server.api.tail({ from: '0:0', source: 'web', limit: 100 })
    return entries.length >= 4 ? entries.map(({ message }) => message) : undefined
  })
  const names = messages.map((message) => (message?.type === 'track' ? message.event : message?.type))
  assert.deepEqual(new Set(names), new Set(['page', 'identify', 'Order Completed', 'Before The Answer']))
})
