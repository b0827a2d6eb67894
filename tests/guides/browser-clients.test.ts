import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { build } from 'esbuild'
import { launchChromium, withoutChromium } from '../clients/browser/chromium.ts'
import { pageWith, startSite } from '../clients/browser/site.ts'
import { writeGuideCode } from './guide-code.ts'
import { GuideServer } from './guide-server.ts'

/**
 * The code of the guides for pages, bundled as an application's build does it, with the real packages in Chromium. In
 * parallel runs the client itself sends to the source `old`, which stands for the vendor.
 */
const clients = [
  {
    guide: 'move-from-segment',
    file: 'segment-browser.js',
    parallel: `
      import { AnalyticsBrowser } from '@segment/analytics-next'
      import { copyToMillrace } from './copy-to-millrace.js'
      const analytics = AnalyticsBrowser.load({ writeKey: 'wk_old', cdnURL: host })
      analytics.register(copyToMillrace('destination', host, 'wk_web'))`,
  },
  {
    guide: 'move-from-customer-io',
    file: 'customerio-browser.js',
    parallel: `
      import { AnalyticsBrowser } from '@customerio/cdp-analytics-browser'
      import { copyToMillrace } from './copy-to-millrace.js'
      const analytics = AnalyticsBrowser.load({ writeKey: 'wk_old', cdnURL: host })
      analytics.register(copyToMillrace('after', host, 'wk_web'))`,
  },
  {
    guide: 'move-from-rudderstack',
    file: 'rudder-browser.js',
    parallel: `
      import { RudderAnalytics } from '@rudderstack/analytics-js/bundled'
      import { withCopy } from './rudder-with-copy.js'
      const rudder = new RudderAnalytics()
      rudder.load('wk_old', host, { configUrl: host })
      const analytics = withCopy(rudder, host, 'wk_web')`,
  },
  {
    guide: 'move-from-jitsu',
    file: 'jitsu.js',
    // Both systems are one server here, and Jitsu's key is in a header: the copy takes another one.
    parallel: `
      import { jitsuAnalytics } from '@jitsu/js'
      import { fetchBoth } from './jitsu-with-copy.js'
      const send = window.fetch
      window.fetch = (url, options) => send(
        url.replace('/copy', ''),
        url.includes('/copy') ? { ...options, headers: { ...options.headers, 'X-Write-Key': 'wk_web:s' } } : options,
      )
      const analytics = jitsuAnalytics({ host, writeKey: 'wk_old:s', fetch: fetchBoth(host, host + '/copy') })`,
  },
]

/** What the page does after the client is made; `screen` where the client has it. */
const calls = `
  analytics.track('Before')
  analytics.identify('user-1', { email: 'ada@example.com' })
  analytics.page('Home')
  analytics.track('Moved', { plan: 'pro', seats: [1, 2] })
  analytics.group('group-1', { plan: 'pro' })
  if (analytics.screen) analytics.screen('Start')
  if (analytics.alias) analytics.alias('user-2', 'user-1')`

describe('pages of the guides', { skip: withoutChromium }, () => {
  let rig: GuideServer
  let browser: Browser
  before(async () => {
    browser = await launchChromium()
  })
  after(() => browser.close())

  /** Opens a page that runs the program; it stays open until the test ends. */
  const openPage = async (program: string, stack: AsyncDisposableStack): Promise<Page> => {
    const { outputFiles } = await build({
      stdin: { contents: program, resolveDir: rig.folder },
      bundle: true,
      format: 'iife',
      write: false,
      logLevel: 'error',
    })
    const site = stack.use(await startSite())
    site.add('/app.js', 'js', outputFiles[0]?.text ?? '')
    const page = await browser.newPage()
    stack.defer(() => page.close())
    await page.goto(site.add('/', 'html', pageWith('<script src="/app.js" defer></script>')))
    return page
  }

  for (const { guide, file, parallel } of clients) {
    test(`${guide}: after the change the client of the page sends to Millrace`, { timeout: 60_000 }, async () => {
      await using stack = new AsyncDisposableStack()
      rig = stack.use(await GuideServer.start())
      await writeGuideCode(guide, rig.folder, rig.server.url)
      await openPage(`import { analytics } from './${file}'\n analytics.track('Moved')`, stack)
      const [message] = await rig.arrived('web', 1)
      assert.equal(message?.['event'], 'Moved')
    })

    test(`run-in-parallel: ${guide}: the page sends the same messages to both`, { timeout: 60_000 }, async () => {
      await using stack = new AsyncDisposableStack()
      rig = stack.use(await GuideServer.start())
      await writeGuideCode('run-in-parallel', rig.folder, rig.server.url)
      const { imports, rest } = split(parallel)
      await openPage(`${imports}\nconst host = '${rig.server.url}'\n${rest}\n${calls}`, stack)
      await rig.assertSame(guide === 'move-from-jitsu' ? 5 : guide === 'move-from-rudderstack' ? 6 : 7)
    })
  }
})

/** Imports come first in a module. */
const split = (program: string): { imports: string; rest: string } => {
  const lines = program.split('\n')
  const isImport = (line: string): boolean => line.trim().startsWith('import ')
  return { imports: lines.filter(isImport).join('\n'), rest: lines.filter((line) => !isImport(line)).join('\n') }
}
