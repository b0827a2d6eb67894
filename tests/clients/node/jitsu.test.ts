import assert from 'node:assert/strict'
import { jitsuAnalytics } from '@jitsu/js'
import { assertAccounted } from '../../support/clients/assert-accounted.ts'
import type { Call } from '../../support/clients/calls.ts'
import type { ClientSession, SessionOptions } from '../../support/clients/client-session.ts'
import { testConditions } from '../../support/clients/test-conditions.ts'

const source = 'jitsu'
const anonymousId = 'anonymous-1'

/** What a call gives: with the message's id when it was sent. That a request failed is said on the console alone. */
type Outcome = { messageId?: string; payload?: { messageId?: string } } | undefined | void

/** Each call is one request; the client makes the ids. */
const openJitsu = async ({ proxy, writeKey }: SessionOptions): Promise<ClientSession> => {
  const analytics = jitsuAnalytics({ host: proxy.url, writeKey: `${writeKey}:secret`, echoEvents: false })
  // All instances of a process share their state.
  await analytics.reset()
  analytics.setAnonymousId(anonymousId)
  return {
    send: async (calls) => {
      const failed: string[] = []
      for (const { method, parameters } of calls) {
        const { userId = '', groupId = '', event = '', traits, properties } = parameters
        const before = proxy.requests.length
        const outcome: Outcome =
          method === 'identify'
            ? await analytics.identify(userId, traits)
            : method === 'track'
              ? await analytics.track(event, properties)
              : method === 'page'
                ? await analytics.page(properties)
                : await analytics.group(groupId, traits)
        parameters.messageId = proxy.requests[before]?.body['messageId'] as string
        if (outcome?.payload?.messageId === undefined && outcome?.messageId === undefined) {
          failed.push(parameters.messageId)
        }
      }
      return failed
    },
    close: () => Promise.resolve(),
  }
}

/** In this order: who was identified is the userId of the calls that follow. It has no screen and no alias. */
const jitsuCalls = (): Call[] => [
  {
    method: 'track',
    parameters: { anonymousId, event: 'Before', properties: { place: 0 } },
    columns: { event: 'before', place: 0 },
  },
  {
    method: 'identify',
    parameters: { userId: 'user-1', anonymousId, traits: { email: 'ann@example.com', name: 'Ann Ångström', age: 42 } },
    columns: { email: 'ann@example.com', age: 42 },
  },
  {
    method: 'track',
    parameters: {
      userId: 'user-1',
      anonymousId,
      event: 'Order Completed',
      properties: { total: 99.5, products: [{ sku: 'a' }], note: 'Zeile 1\n"zitiert" 😀' },
    },
    columns: { event: 'order_completed', total: 99.5, products: '[{"sku":"a"}]' },
  },
  {
    method: 'page',
    parameters: {
      userId: 'user-1',
      anonymousId,
      properties: { name: 'Cart', url: 'https://shop.example.com/cart', path: '/cart', width: 1440 },
    },
    columns: { url: 'https://shop.example.com/cart', width: 1440 },
  },
  {
    method: 'group',
    parameters: { userId: 'user-1', anonymousId, groupId: 'group-1', traits: { name: 'Example Ltd', employees: 12 } },
    columns: { group_id: 'group-1', name: 'Example Ltd', employees: 12 },
  },
  {
    method: 'track',
    parameters: { userId: 'user-1', anonymousId, groupId: 'group-1', event: 'After', properties: {} },
    columns: { event: 'after' },
  },
]

const oneCall = (name: string): Call => ({
  method: 'track',
  parameters: { anonymousId, event: 'Counted', properties: { name } },
  columns: { event: 'counted', name },
})

testConditions(
  {
    name: '@jitsu/js (Node)',
    source,
    open: openJitsu,
    calls: jitsuCalls,
    oneCall,
    attempts: 1,
    outlastsRestart: false,
    retriesRefusals: false,
  },
  [
    {
      name: 'its key is taken from the header, not from the body, where it is masked',
      run: async (rig, openSession) => {
        const calls = [oneCall('masked')]
        await (await openSession()).send(calls)
        const [request] = rig.proxy.requests
        assert.equal(request?.path, '/api/s/track')
        assert.equal(request?.headers['x-write-key'], 'wk_jitsu:secret')
        assert.equal(request?.headers.authorization, undefined)
        assert.equal(request?.body['writeKey'], 'wk_jitsu:***')
        await assertAccounted(rig, { calls })
      },
    },
  ],
)
