import type { Browser, Page } from 'playwright-core'
import type { JsonObject } from '@millrace/protocol'
import { removeFolder, temporaryFolder } from '@millrace/testkit'
import { startJsonReceiver } from '../../support/json-receiver.ts'
import type { JsonReceiver } from '../../support/json-receiver.ts'
import { startRecordingProxy } from '../../support/recording-proxy.ts'
import type { RecordingProxy } from '../../support/recording-proxy.ts'
import { ServerUnderTest } from '../../support/server-under-test.ts'
import { bundleOf } from './bundle.ts'
import { launchChromium } from './chromium.ts'
import type { BrowserClient } from './clients.ts'
import { pageWith, startSite } from './site.ts'
import type { Site } from './site.ts'

/**
 * page in Chromium → proxy → server → webhook and warehouse. One Chromium and one server for all tests of a file; each test
 * has a source, a proxy and a browser profile of its own.
 */
export interface BrowserRig extends AsyncDisposable {
  readonly server: ServerUnderTest
  readonly site: Site
  /** A page on which the client runs, talking to the source through its own proxy. */
  visit: (client: BrowserClient, source: string) => Promise<Visit>
}

export interface Visit {
  client: BrowserClient
  source: string
  page: Page
  proxy: RecordingProxy
  /** What arrived at the webhook from this source so far, in order. */
  arrived: () => JsonObject[]
  /** Errors of the page: what it wrote to the console as an error, and what nothing caught. */
  errors: string[]
  /** Bodies of requests that the page saw fail: no answer, or none that it may read. */
  failed: JsonObject[]
  /** Opens the page again, or another one of the same site, with the client on it. */
  open: (path?: string) => Promise<void>
}

/** What the browser asked leave for before it sent, each once, in order. */
export const askedHeaders = ({ proxy }: Visit): string[] => [
  ...new Set(proxy.preflights.map((headers) => headers['access-control-request-headers'] ?? '')),
]

export const writeKeyOf = (source: string): string => `wk_${source}`

/** Sources by id, with settings beyond their write key. */
export const startBrowserRig = async (sources: Readonly<Record<string, JsonObject>>): Promise<BrowserRig> => {
  await using started = new AsyncDisposableStack()
  const folder = await temporaryFolder()
  started.defer(() => removeFolder(folder))
  const receivers = new Map<string, JsonReceiver>()
  for (const source of Object.keys(sources)) receivers.set(source, started.use(await startJsonReceiver()))
  const server = started.use(
    await ServerUnderTest.start({ folder, workspace: workspaceOf(sources, receivers), ingestProcesses: 0 }),
  )
  const site = started.use(await startSite())
  const browser: Browser = await launchChromium()
  started.defer(() => browser.close())
  const bundles = new Map<string, Promise<string>>()

  const scriptOf = async (specifier: string): Promise<string> => {
    const path = `/${specifier.replaceAll(/[^a-z]+/g, '-')}.js`
    bundles.set(specifier, bundles.get(specifier) ?? bundleOf(specifier))
    site.add(path, 'js', (await bundles.get(specifier)) ?? '')
    return `<script src="${path}"></script>`
  }

  const visit: BrowserRig['visit'] = async (client, source) => {
    const proxy = owned.use(await startRecordingProxy(server.url))
    const context = await browser.newContext({ locale: 'sv-SE', timezoneId: 'Europe/Stockholm' })
    const page = await context.newPage()
    page.setDefaultTimeout(20_000)
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(String(error)))
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
    const failed: JsonObject[] = []
    page.on('requestfailed', (request) => failed.push(parsed(request.postData())))
    const setUp = { host: proxy.url, writeKey: writeKeyOf(source) }
    const head = 'package' in client ? await scriptOf(client.package) : client.head(setUp)
    const address = site.add(`/${source}`, 'html', pageWith(head))
    const open: Visit['open'] = async (path = '') => {
      await page.goto(`${address}${path}`)
      await client.load(page, setUp)
    }
    await open()
    const arrived: Visit['arrived'] = () => [...(receivers.get(source)?.messages ?? [])]
    return { client, source, page, proxy, arrived, errors, failed, open }
  }

  const owned = started.move()
  return { server, site, visit, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const parsed = (body: string | null): JsonObject => (body === null ? {} : (JSON.parse(body) as JsonObject))

const workspaceOf = (
  sources: Readonly<Record<string, JsonObject>>,
  receivers: ReadonlyMap<string, JsonReceiver>,
): JsonObject => ({
  sources: Object.fromEntries(
    Object.entries(sources).map(([id, settings]) => [id, { type: 'http', writeKeys: [writeKeyOf(id)], ...settings }]),
  ),
  destinations: {
    ...Object.fromEntries(
      [...receivers].map(([id, { url }]) => [
        `hook_${id}`,
        { type: 'webhook', sources: [id], settings: { url, batchSize: 50 } },
      ]),
    ),
    warehouse: { type: 'duckdb', settings: { path: './warehouse.duckdb' } },
  },
  network: { allow: ['127.0.0.0/8'] },
})
