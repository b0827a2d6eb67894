import type { JsonObject } from '@millrace/protocol'
import type { PublicAddress } from './public-address.ts'
import type { SourceState } from './source-table.ts'

/**
 * Documents that client libraries ask for before they send. Each field is one that a public client reads; the facts are
 * in docs/specs/tracking-api.md.
 */

/**
 * How often clients that can be told so try again. Attempts: analytics-next doubles its pause with each and gives up after
 * ten, some eight minutes; after 15 it is hours, and a pause never grows to what a timer of a browser cannot hold.
 * 429 with Retry-After: as long as we ask for patience.
 */
const httpConfig = {
  rateLimitConfig: { enabled: true, maxRetryCount: 100, maxRetryInterval: 300, maxRateLimitDuration: 43_200 },
  backoffConfig: { enabled: true, maxRetryCount: 15, maxTotalBackoffDuration: 43_200 },
}

/**
 * `/v1/projects/<write key>/settings`: for Segment's and Customer.io's clients in browsers and on phones.
 *
 * Nothing in the request says whose client asks, and one that does not find its own vendor there sends to its vendor. So
 * both are there. The price: a client that sees two loads a part of 3 KB more, and finds nothing in it to start, because
 * neither has a `type` or `versionSettings`. `plan` is empty, or that part would make it load one more.
 */
export const settingsDocument = (writeKey: string, { protocol, host }: PublicAddress): JsonObject => {
  const endpoint = { apiKey: writeKey, apiHost: `${host}/v1`, protocol }
  return {
    integrations: {
      'Segment.io': {
        ...endpoint,
        addBundledMetadata: true,
        unbundledIntegrations: [],
        maybeBundledConfigIds: {},
        retryQueue: true,
        httpConfig,
      },
      'Customer.io Data Pipelines': {
        ...endpoint,
        addBundledMetadata: true,
        unbundledIntegrations: [],
        retryQueue: true,
      },
    },
    plan: {},
    edgeFunction: {},
    middlewareSettings: {},
    enabledMiddleware: {},
    remotePlugins: [],
    analyticsNextEnabled: true,
    legacyVideoPluginsEnabled: false,
    metrics: { sampleRate: 0, host: `${host}/v1` },
    autoInstrumentationSettings: { sampleRate: 0 },
  }
}

/** `/sourceConfig/?writeKey=`: for RudderStack's client in browsers. It stops by itself when its source is not enabled. */
export const sourceConfigDocument = (writeKey: string, { id, name, enabled }: SourceState): JsonObject => ({
  source: {
    id,
    name,
    writeKey,
    enabled,
    workspaceId: 'millrace',
    config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } },
    destinations: [],
    connections: [],
    dataplanes: {},
    updatedAt: '1970-01-01T00:00:00.000Z',
  },
})
