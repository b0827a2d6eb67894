import { removeFolder, startFakeCustomerIo, temporaryFolder } from '@millrace/testkit'
import type { FakeCustomerIo } from '@millrace/testkit'
import { startJsonReceiver } from '../support/json-receiver.ts'
import type { JsonReceiver } from '../support/json-receiver.ts'
import { ServerUnderTest } from '../support/server-under-test.ts'

/** In which the programs are written. The source of each has its name, but for curl's: that is the one of the documents. */
export const languages = ['curl', 'node', 'python', 'go', 'browser'] as const
export type Language = (typeof languages)[number]
export const sourceOf = (language: Language): string => (language === 'curl' ? 'web' : language)

/** Where the messages of one language arrive. */
export interface Lane {
  writeKey: string
  hook: JsonReceiver
  customerIo: FakeCustomerIo
}

/** One server; for each language a source, a webhook and a Customer.io; a warehouse of all, with a schema for each source. */
export interface Rig extends AsyncDisposable {
  server: ServerUnderTest
  lanes: Readonly<Record<Language, Lane>>
}

const credentials = { siteId: 'site', apiKey: 'key' }

export const startRig = async (): Promise<Rig> => {
  await using started = new AsyncDisposableStack()
  const folder = await temporaryFolder()
  started.defer(() => removeFolder(folder))
  const lanes: Partial<Record<Language, Lane>> = {}
  const sources: Record<string, object> = {}
  const destinations: Record<string, object> = {
    warehouse: { type: 'duckdb', settings: { path: './warehouse.duckdb' } },
  }
  for (const language of languages) {
    const hook = started.use(await startJsonReceiver())
    const customerIo = started.use(await startFakeCustomerIo(credentials))
    const source = sourceOf(language)
    const writeKey = `wk_${source}`
    lanes[language] = { writeKey, hook, customerIo }
    sources[source] = { type: 'http', writeKeys: [writeKey] }
    destinations[`hook_${source}`] = { type: 'webhook', sources: [source], settings: { url: hook.url, batchSize: 50 } }
    destinations[`customerio_${source}`] = {
      type: 'customerio',
      sources: [source],
      settings: { ...credentials, endpoint: customerIo.url },
    }
  }
  const workspace = { sources, destinations, network: { allow: ['127.0.0.0/8'] } }
  const server = started.use(await ServerUnderTest.start({ folder, workspace, ingestProcesses: 0 }))
  const owned = started.move()
  return {
    server,
    // The loop above makes one for each language.
    lanes: lanes as Record<Language, Lane>,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
