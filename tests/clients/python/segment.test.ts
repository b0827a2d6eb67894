import assert from 'node:assert/strict'
import { assertAccounted } from '../../support/clients/assert-accounted.ts'
import { manyTracks } from '../../support/clients/calls.ts'
import { oneTrack, testConditions } from '../../support/clients/test-conditions.ts'
import { openPython, pythonClient, withoutPython } from './python-client.ts'

const source = 'segment_python'

testConditions(
  pythonClient({ name: 'segment-analytics-python', module: 'segment.analytics', source }),
  [
    {
      name: 'it sends batches of 100 with the write key in body and header, gzipped when it is asked to',
      run: async (rig) => {
        const session = openPython('segment.analytics', rig, { gzip: true })
        const calls = manyTracks(source, 130)
        assert.deepEqual(await session.send(calls), [])
        await session.close()
        assert.ok(rig.proxy.requests.length >= 2)
        for (const { path, headers, body } of rig.proxy.requests) {
          assert.equal(path, '/v1/batch')
          assert.equal(headers['content-encoding'], 'gzip')
          assert.equal(headers.authorization, `Basic ${btoa(`${rig.writeKey}:`)}`)
          assert.deepEqual(Object.keys(body).sort(), ['batch', 'sentAt', 'writeKey'])
        }
        await assertAccounted(rig, { calls })
      },
    },
    {
      name: 'it waits for the Retry-After of a 503 too',
      run: async (rig, openSession) => {
        rig.proxy.refuse([{ status: 503, headers: { 'retry-after': '1' } }])
        const call = oneTrack({ source }, 'retry-after')
        const session = await openSession()
        const startedMs = performance.now()
        assert.deepEqual(await session.send([call]), [])
        assert.ok(performance.now() - startedMs >= 990)
        assert.deepEqual(
          rig.proxy.requests.map(({ status }) => status),
          [503, 200],
        )
        await assertAccounted(rig, { calls: [call] })
      },
    },
    {
      name: 'it takes any 2xx for success, so a 202 that is no promise would lose the message',
      run: async (rig, openSession) => {
        rig.proxy.refuse([{ status: 202 }])
        const call = oneTrack({ source }, 'accepted')
        assert.deepEqual(await (await openSession()).send([call]), [])
        assert.equal(rig.proxy.requests.length, 1)
        await assertAccounted(rig, { calls: [call], lost: [call] })
      },
    },
  ],
  { skip: withoutPython },
)
