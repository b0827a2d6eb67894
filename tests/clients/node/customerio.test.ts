import assert from 'node:assert/strict'
import { Analytics } from '@customerio/cdp-analytics-node'
import { assertAccounted } from '../../support/clients/assert-accounted.ts'
import { callsOf, largeTracks, manyTracks } from '../../support/clients/calls.ts'
import type { SessionOptions } from '../../support/clients/client-session.ts'
import { rateLimited } from '../../support/clients/conditions.ts'
import { segmentLikeSession } from '../../support/clients/segment-like.ts'
import { oneTrack, testConditions } from '../../support/clients/test-conditions.ts'

const source = 'cio'

/** A large batch must not be cut by the clock. */
const create = ({ proxy, writeKey }: SessionOptions, maxEventsInBatch = 15): Analytics =>
  new Analytics({ writeKey, host: proxy.url, maxEventsInBatch, flushInterval: maxEventsInBatch > 15 ? 10_000 : 200 })

testConditions(
  {
    name: '@customerio/cdp-analytics-node',
    source,
    open: (options) => Promise.resolve(segmentLikeSession(create(options))),
    calls: callsOf,
    attempts: 4,
    // Its four tries are over in less than a second.
    outlastsRestart: false,
    retriesRefusals: true,
  },
  [
    {
      name: 'its body is {batch} alone, without write key and sentAt, and its times are taken as they are',
      run: async (rig, openSession) => {
        const calls = manyTracks(source, 47)
        await (await openSession()).send(calls)
        assert.ok(rig.proxy.requests.length >= 4)
        for (const { method, path, headers, body } of rig.proxy.requests) {
          assert.deepEqual([method, path], ['POST', '/v1/batch'])
          assert.match(headers['content-type'] ?? '', /^application\/json/)
          assert.equal(headers.authorization, `Basic ${btoa('wk_cio:')}`)
          assert.deepEqual(Object.keys(body), ['batch'])
        }
        await assertAccounted(rig, { calls })
      },
    },
    {
      name: 'a batch of 900 KB is accepted: the client does not keep to the 500 KB that its documentation names',
      run: async ({ proxy, writeKey, ...rig }) => {
        const session = segmentLikeSession(create({ proxy, writeKey }, 30))
        const calls = largeTracks(source)
        await session.send(calls)
        await session.close()
        assert.deepEqual(
          proxy.requests.map(({ status }) => status),
          [200],
        )
        assert.ok((proxy.requests[0]?.bodyBytes ?? 0) > 900_000)
        await assertAccounted({ proxy, writeKey, ...rig }, { calls })
      },
    },
    {
      name: 'a Retry-After is not waited for: its tries are spent within a second, and the message is lost',
      run: async (rig, openSession) => {
        rig.proxy.refuse(Array.from({ length: 4 }, () => rateLimited(60)))
        const call = oneTrack({ source }, 'retry-after')
        assert.deepEqual(await (await openSession()).send([call]), [call.parameters.messageId])
        assert.deepEqual(
          rig.proxy.requests.map(({ status }) => status),
          [429, 429, 429, 429],
        )
        await assertAccounted(rig, { calls: [call], lost: [call] })
      },
    },
    {
      name: 'a write key that is not known is refused with 401, which it tries again like any other failure',
      run: async (rig, openSession) => {
        const call = oneTrack({ source }, 'unknown-key')
        const session = await openSession({ writeKey: 'wk_unknown' })
        assert.deepEqual(await session.send([call]), [call.parameters.messageId])
        assert.deepEqual(
          rig.proxy.requests.map(({ status, answeredBy }) => [status, answeredBy]),
          Array.from({ length: 4 }, () => [401, 'server']),
        )
        await assertAccounted(rig, { calls: [call], lost: [call] })
      },
    },
  ],
)
