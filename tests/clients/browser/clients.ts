import type { Page } from 'playwright-core'
import type { JsonObject } from '@millrace/protocol'
import type { PageGlobals } from './page-calls.ts'

/**
 * The public browser clients, unmodified, with what a user writes to start each: the address of the server and the write
 * key, and here short pauses. On every page they leave the same three globals for the tests.
 */
export type BrowserClient = Bundled | Snippet

interface Client {
  /** As it appears in the names of tests. */
  name: string
  /** Starts the client on a page that was just opened. */
  load: (page: Page, setUp: SetUp) => Promise<void>
}

/** Put on the page by the build of the application. */
export interface Bundled extends Client {
  /** Of npm. */
  package: string
}

/** Fetched by the page from the server itself. */
export interface Snippet extends Client {
  /** What the head of the page says. */
  head: (setUp: SetUp) => string
}

export interface SetUp {
  /** `http://host:port`, all that a user changes. */
  host: string
  writeKey: string
}

/** The vendors' own: `{ strategy: 'batching', config }`, or what is set beside the address. */
export type Delivery = JsonObject

interface SegmentLike {
  AnalyticsBrowser: { load: (settings: object, options: object) => Promise<[SegmentInstance, unknown]> }
}
interface SegmentInstance {
  user: () => { anonymousId: () => string }
}

/** `@segment/analytics-next` and its fork by Customer.io: the settings of the server say where messages go. */
const segmentLike = (name: string, specifier: string, integration: string, deliveryStrategy?: Delivery): Bundled => ({
  name,
  package: specifier,
  load: async (page, { host, writeKey }) => {
    const settings = { writeKey, cdnURL: host }
    const options = deliveryStrategy === undefined ? {} : { integrations: { [integration]: { deliveryStrategy } } }
    await page.evaluate(
      async ([given, chosen]) => {
        const globals = globalThis as unknown as PageGlobals & { client: SegmentLike }
        const [instance] = await globals.client.AnalyticsBrowser.load(given, chosen)
        Object.assign(globals, { analytics: instance, anonymousId: () => instance.user().anonymousId() })
      },
      [settings, options] as [object, object],
    )
  },
})

const batching: Delivery = { strategy: 'batching', config: { size: 4, timeout: 100 } }

export const segment = (deliveryStrategy?: Delivery): Bundled =>
  segmentLike('@segment/analytics-next', '@segment/analytics-next', 'Segment.io', deliveryStrategy)
export const segmentBatching = segment(batching)
export const segmentKeepalive = segment({ strategy: 'standard', config: { keepalive: true } })

export const customerio = (deliveryStrategy?: Delivery): Bundled =>
  segmentLike(
    '@customerio/cdp-analytics-browser',
    '@customerio/cdp-analytics-browser',
    'Customer.io Data Pipelines',
    deliveryStrategy,
  )
export const customerioBatching = customerio(batching)
export const customerioKeepalive = customerio({ strategy: 'standard', config: { keepalive: true } })

interface RudderPackage {
  RudderAnalytics: new () => RudderInstance
}
interface RudderInstance {
  load: (writeKey: string, dataPlaneUrl: string, options: object) => void
  ready: (callback: () => void) => void
  getAnonymousId: () => string
}

/** `@rudderstack/analytics-js/bundled`: everything is in the bundle, and the one address serves configuration and data. */
export const rudderstack = (options: JsonObject = {}): Bundled => ({
  name: '@rudderstack/analytics-js/bundled',
  package: '@rudderstack/analytics-js/bundled',
  load: async (page, { host, writeKey }) => {
    const given: [string, string, object] = [writeKey, host, { configUrl: host, ...options }]
    await page.evaluate(async ([key, url, chosen]) => {
      const globals = globalThis as unknown as PageGlobals & { client: RudderPackage }
      const instance = new globals.client.RudderAnalytics()
      instance.load(key, url, chosen)
      await new Promise<void>((resolve) => instance.ready(resolve))
      Object.assign(globals, { analytics: instance, anonymousId: () => instance.getAnonymousId() })
    }, given)
  },
})
/** It gives up after ten attempts: pauses that stay short would end them before a slow machine has restarted the server. */
const quickRetries = { minRetryDelay: 500 }
export const rudderstackXhr = rudderstack({ queueOptions: quickRetries })
export const rudderstackBatch = rudderstack({
  queueOptions: { ...quickRetries, batch: { enabled: true, maxItems: 4, flushInterval: 200 } },
})
export const rudderstackBeacon = rudderstack({
  useBeacon: true,
  beaconQueueOptions: { maxItems: 4, flushQueueInterval: 200 },
})

interface JitsuPackage {
  jitsuAnalytics: (options: object) => JitsuInstance
}
interface JitsuInstance {
  user: () => { anonymousId: string }
}

/** `@jitsu/js`: its write keys have two halves, `key:secret`. */
export const jitsu: Bundled = {
  name: '@jitsu/js',
  package: '@jitsu/js',
  load: async (page, { host, writeKey }) => {
    await page.evaluate(
      (options) => {
        const globals = globalThis as unknown as PageGlobals & { client: JitsuPackage }
        const instance = globals.client.jitsuAnalytics(options)
        Object.assign(globals, { analytics: instance, anonymousId: () => instance.user().anonymousId })
      },
      { host, writeKey: `${writeKey}:secret`, preInitAnonymousId: true },
    )
  },
}
