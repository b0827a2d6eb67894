import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import type { JsonObject } from '@millrace/protocol'
import { assertAccounted } from '../../support/clients/assert-accounted.ts'
import { callsOf, manyTracks } from '../../support/clients/calls.ts'
import type { Call } from '../../support/clients/calls.ts'
import type { ClientSession, SessionOptions } from '../../support/clients/client-session.ts'
import { times, unavailable } from '../../support/clients/conditions.ts'
import { programSession } from '../../support/clients/program-session.ts'
import { oneTrack, testConditions } from '../../support/clients/test-conditions.ts'
import { goProgram, hasGo } from '../../support/go.ts'

const source = 'segment_go'
const skip = process.env['CI'] !== 'true' && !hasGo() ? 'there is no Go on this machine' : false

const openGo = ({ proxy, writeKey }: SessionOptions, ...mode: string[]): ClientSession =>
  programSession(goProgram(fileURLToPath(new URL('.', import.meta.url))), [proxy.url, writeKey, ...mode])

/** Its page has no category. */
const withoutCategory = (call: Call): Call => {
  const { category: _, ...parameters } = call.parameters
  const { category: __, ...columns } = call.columns
  return call.method === 'page' ? { ...call, parameters, columns } : call
}

testConditions(
  {
    name: 'github.com/segmentio/analytics-go/v3 (Go)',
    source,
    open: (options) => Promise.resolve(openGo(options, ...(options.impatient === true ? ['impatient'] : []))),
    calls: (prefix) => callsOf(prefix).map(withoutCategory),
    attempts: 10,
    outlastsRestart: true,
    retriesRefusals: true,
  },
  [
    {
      name: 'what it says about itself stands in the context of the batch, and arrives in the context of each message',
      run: async (rig, openSession) => {
        const calls = manyTracks(source, 3)
        await (await openSession()).send(calls)
        const [{ body } = assert.fail('nothing was sent')] = rig.proxy.requests
        const library = { name: 'analytics-go', version: '3.0.0' }
        assert.deepEqual(body['context'], { library })
        for (const message of body['batch'] as JsonObject[]) assert.equal(message['context'], undefined)
        await assertAccounted(rig, { calls })
        for (const message of rig.receiver.messages.slice(-3)) {
          assert.deepEqual((message['context'] as JsonObject)['library'], library)
        }
      },
    },
    {
      name: 'a write key that is not known is refused with 401, which it tries again like any other failure',
      run: async (rig, openSession) => {
        const call = oneTrack({ source }, 'unknown-key')
        const session = await openSession({ writeKey: 'wk_unknown', impatient: true })
        assert.deepEqual(await session.send([call]), [call.parameters.messageId])
        assert.deepEqual(
          rig.proxy.requests.map(({ status, answeredBy }) => [status, answeredBy]),
          Array.from({ length: 10 }, () => [401, 'server']),
        )
        await assertAccounted(rig, { calls: [call], lost: [call] })
      },
    },
    {
      name: 'closed while the server refuses, it tries once and loses what was waiting, and says so',
      run: async (rig) => {
        rig.proxy.refuse(times(1, unavailable))
        const call = oneTrack({ source }, 'closed')
        const session = openGo(rig, 'close')
        assert.deepEqual(await session.send([call]), [call.parameters.messageId])
        await session.close()
        assert.equal(rig.proxy.requests.length, 1)
        await assertAccounted(rig, { calls: [call], lost: [call] })
      },
    },
  ],
  { skip },
)
