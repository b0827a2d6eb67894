import assert from 'node:assert/strict'
import { assertAccounted } from '../../support/clients/assert-accounted.ts'
import { times } from '../../support/clients/conditions.ts'
import { oneTrack } from '../../support/clients/test-conditions.ts'
import type { ClientCase } from '../../support/clients/test-conditions.ts'

/**
 * Two of the Python clients know one success, 200, and take an answer without code and message for a broken connection.
 * Hence what Millrace answers: exactly 200, and errors that always have both.
 */
export const only200Cases = (source: string): ClientCase[] => [
  {
    name: 'it takes nothing but 200 for success: after a 202 it sends the batch again',
    run: async (rig, openSession) => {
      rig.proxy.refuse([{ status: 202, body: '{"success":true}' }])
      const call = oneTrack({ source }, 'accepted')
      assert.deepEqual(await (await openSession()).send([call]), [])
      assert.deepEqual(
        rig.proxy.requests.map(({ status }) => status),
        [202, 200],
      )
      await assertAccounted(rig, { calls: [call] })
    },
  },
  {
    name: 'it gives up at once what Millrace refuses, because the answer has code and message',
    run: async (rig, openSession) => {
      const call = oneTrack({ source }, 'unknown-key')
      const session = await openSession({ writeKey: 'wk_unknown', impatient: true })
      assert.deepEqual(await session.send([call]), [call.parameters.messageId])
      assert.deepEqual(
        rig.proxy.requests.map(({ status, answeredBy }) => [status, answeredBy]),
        [[401, 'server']],
      )
      await assertAccounted(rig, { calls: [call], lost: [call] })
    },
  },
  {
    name: 'it tries again what another server refuses with 400 and a body without code',
    run: async (rig, openSession) => {
      rig.proxy.refuse(times(3, { status: 400, body: '{"error":"no"}' }))
      const call = oneTrack({ source }, 'no-code')
      assert.deepEqual(await (await openSession({ impatient: true })).send([call]), [call.parameters.messageId])
      assert.equal(rig.proxy.requests.length, 3)
      await assertAccounted(rig, { calls: [call], lost: [call] })
    },
  },
]
