import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Analytics } from '@segment/analytics-node'
import { assertAccounted } from '../../support/clients/assert-accounted.ts'
import { callsOf, largeTracks, manyTracks, numberedTrack } from '../../support/clients/calls.ts'
import { wireMessages } from '../../support/clients/compare.ts'
import { rateLimited } from '../../support/clients/conditions.ts'
import { segmentLikeSession } from '../../support/clients/segment-like.ts'
import { oneTrack, testConditions } from '../../support/clients/test-conditions.ts'
import type { SessionOptions } from '../../support/clients/client-session.ts'
import type { ClientRig } from '../../support/clients/client-rig.ts'

const source = 'segment'

/** A large batch must not be cut by the clock. */
const create = ({ proxy, writeKey, impatient = false }: SessionOptions, flushAt = 15): Analytics =>
  new Analytics({
    writeKey,
    host: proxy.url,
    flushAt,
    flushInterval: flushAt > 15 ? 10_000 : 200,
    ...(impatient && { maxRetries: 2 }),
  })

/** For what the suite's session does not show. */
const withClient = async (
  { proxy, writeKey }: ClientRig,
  use: (analytics: Analytics) => Promise<void>,
  flushAt?: number,
) => {
  const analytics = create({ proxy, writeKey }, flushAt)
  try {
    await use(analytics)
  } finally {
    await analytics.closeAndFlush()
  }
}

testConditions(
  {
    name: '@segment/analytics-node',
    source,
    open: (options) => Promise.resolve(segmentLikeSession(create(options))),
    calls: callsOf,
    attempts: 3,
    outlastsRestart: true,
    retriesRefusals: true,
  },
  [
    {
      name: 'it sends batches by its own rules, with the write key in body and header, and flush waits for everything',
      run: (rig) =>
        withClient(rig, async (analytics) => {
          const many = manyTracks(source, 47)
          for (const { parameters } of many) analytics.track(parameters as Parameters<Analytics['track']>[0])
          await analytics.flush()
          assert.equal(wireMessages(rig.proxy.requests).length, many.length)
          for (const { method, path, headers, body } of rig.proxy.requests) {
            assert.deepEqual([method, path], ['POST', '/v1/batch'])
            assert.match(headers['content-type'] ?? '', /^application\/json/)
            assert.equal(headers.authorization, `Basic ${btoa('wk_segment:')}`)
            assert.deepEqual(Object.keys(body).sort(), ['batch', 'sentAt', 'writeKey'])
          }
          await assertAccounted(rig, { calls: many })
        }),
    },
    {
      name: 'a number as anonymousId arrives as a text, under the messageId that the client made',
      run: (rig) =>
        withClient(rig, async (analytics) => {
          const call = numberedTrack()
          const made = Promise.withResolvers<string>()
          analytics.track(call.parameters as Parameters<Analytics['track']>[0], (error, context) => {
            if (error === undefined) made.resolve(String(context?.event.messageId))
            else made.reject(new Error('the call failed', { cause: error }))
          })
          call.parameters.messageId = await made.promise
          assert.match(call.parameters.messageId, /^node-next-\d+-/)
          await assertAccounted(rig, { calls: [call] })
        }),
    },
    {
      name: 'after close a call is dropped by the client, which says so',
      run: (rig) =>
        withClient(rig, async (analytics) => {
          await analytics.closeAndFlush()
          const dropped = once(analytics as unknown as NodeJS.EventEmitter, 'call_after_close')
          analytics.track({ userId: 'late', event: 'After Close' })
          await dropped
          assert.equal(rig.proxy.requests.length, 0)
        }),
    },
    {
      name: 'a batch of 900 KB is accepted: the client does not keep to the 500 KB that its documentation names',
      run: (rig) =>
        withClient(
          rig,
          async (analytics) => {
            const calls = largeTracks(source)
            for (const { parameters } of calls) analytics.track(parameters as Parameters<Analytics['track']>[0])
            await analytics.flush()
            assert.deepEqual(
              rig.proxy.requests.map(({ status }) => status),
              [200],
            )
            assert.ok((rig.proxy.requests[0]?.bodyBytes ?? 0) > 900_000)
            await assertAccounted(rig, { calls })
          },
          30,
        ),
    },
    {
      name: 'a Retry-After with 429 is waited for, and the retry says that it is one',
      run: async (rig, openSession) => {
        rig.proxy.refuse([rateLimited(1)])
        const call = oneTrack({ source }, 'retry-after')
        const startedMs = performance.now()
        await (await openSession()).send([call])
        assert.ok(performance.now() - startedMs >= 990)
        const [first, second] = rig.proxy.requests
        assert.deepEqual([first?.status, second?.status], [429, 200])
        assert.deepEqual([first?.headers['x-retry-count'], second?.headers['x-retry-count']], [undefined, '1'])
        await assertAccounted(rig, { calls: [call] })
      },
    },
  ],
)
