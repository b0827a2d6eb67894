import assert from 'node:assert/strict'
import RudderStack from '@rudderstack/rudder-sdk-node'
import { assertAccounted } from '../../support/clients/assert-accounted.ts'
import { callsOf, manyTracks } from '../../support/clients/calls.ts'
import type { Call } from '../../support/clients/calls.ts'
import type { ClientRig } from '../../support/clients/client-rig.ts'
import type { ClientSession, SessionOptions } from '../../support/clients/client-session.ts'
import { oneTrack, testConditions } from '../../support/clients/test-conditions.ts'
import type { OpenSession } from '../../support/clients/test-conditions.ts'

const source = 'rudder'

const openRudder = ({ proxy, writeKey }: SessionOptions, gzip = true): ClientSession => {
  const analytics = new RudderStack(writeKey, {
    dataPlaneUrl: proxy.url,
    flushAt: 20,
    flushInterval: 200,
    gzip,
    logLevel: 'off',
    // Without it a failed flush is an unhandled rejection.
    errorHandler: () => undefined,
  })
  return {
    send: async (calls) => {
      const failed: string[] = []
      const settled = calls.map(({ method, parameters }) => {
        const { promise, resolve } = Promise.withResolvers<void>()
        // Parameters and callback are wider in the code than in its types: ids may be numbers, messageId may be given.
        const make = analytics[method].bind(analytics) as (
          parameters: object,
          callback: (error?: Error) => void,
        ) => void
        make(parameters, (error) => {
          if (error !== undefined && error !== null) failed.push(parameters.messageId ?? '')
          resolve()
        })
        return promise
      })
      await Promise.all(settled)
      return failed
    },
    close: async () => {
      await analytics.flush()
    },
  }
}

/** This client repeats the traits of identify in the context. */
const withTraitsInContext = (call: Call): Call => {
  const { traits, context } = call.parameters
  if (call.method !== 'identify' || traits === undefined) return call
  return { ...call, parameters: { ...call.parameters, context: { ...context, traits } } }
}

const numbers: readonly Call[] = [
  {
    method: 'group',
    parameters: { userId: 12 as unknown as string, groupId: 34 as unknown as string, messageId: 'rudder-numbers' },
    columns: { group_id: '34' },
    arrives: { userId: '12', groupId: '34' },
  },
  {
    method: 'alias',
    parameters: { userId: 56 as unknown as string, previousId: 78 as unknown as string, messageId: 'rudder-alias' },
    columns: { previous_id: '78' },
    arrives: { userId: '56', previousId: '78' },
  },
]

testConditions(
  {
    name: '@rudderstack/rudder-sdk-node',
    source,
    open: (options) => Promise.resolve(openRudder(options)),
    calls: (prefix) => callsOf(prefix).map(withTraitsInContext),
    attempts: 4,
    // Three retries, 0.2 to 1 s apart.
    outlastsRestart: false,
    retriesRefusals: true,
  },
  [
    {
      name: 'its gzip under a form content type, which is its default, is read as JSON',
      run: async (rig, openSession) => {
        const calls = manyTracks(source, 47)
        await (await openSession()).send(calls)
        for (const { path, headers } of rig.proxy.requests) {
          assert.equal(path, '/v1/batch')
          assert.equal(headers['content-encoding'], 'gzip')
          assert.match(headers['content-type'] ?? '', /^application\/x-www-form-urlencoded/)
        }
        await assertAccounted(rig, { calls })
      },
    },
    {
      name: 'without gzip it sends JSON as JSON',
      run: async (rig) => {
        const session = openRudder(rig, false)
        const calls = manyTracks(`${source}-plain`, 5)
        await session.send(calls)
        for (const { headers } of rig.proxy.requests) {
          assert.equal(headers['content-encoding'], undefined)
          assert.match(headers['content-type'] ?? '', /^application\/json/)
        }
        await assertAccounted(rig, { calls })
      },
    },
    {
      name: 'ids that are numbers arrive as texts',
      run: async (rig, openSession) => {
        await (await openSession()).send(numbers)
        await assertAccounted(rig, { calls: numbers })
      },
    },
    ...[429, 503].map((refused) => ({
      name: `a Retry-After with ${refused} is waited for`,
      run: async (rig: ClientRig, openSession: OpenSession) => {
        rig.proxy.refuse([{ status: refused, headers: { 'retry-after': '1' } }])
        const call = oneTrack({ source }, `retry-after-${refused}`)
        const startedMs = performance.now()
        await (await openSession()).send([call])
        assert.ok(performance.now() - startedMs >= 990)
        assert.deepEqual(
          rig.proxy.requests.map(({ status }) => status),
          [refused, 200],
        )
        await assertAccounted(rig, { calls: [call] })
      },
    })),
  ],
)
