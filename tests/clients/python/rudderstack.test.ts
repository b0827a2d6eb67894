import assert from 'node:assert/strict'
import { assertAccounted } from '../../support/clients/assert-accounted.ts'
import { manyTracks } from '../../support/clients/calls.ts'
import type { Call } from '../../support/clients/calls.ts'
import { testConditions } from '../../support/clients/test-conditions.ts'
import { only200Cases } from './only-200.ts'
import { pythonClient, withoutPython } from './python-client.ts'

const source = 'rudder_python'

/** This client puts the traits of identify into the context alone, from where we copy them, and says `All` where nothing was said. */
const asSent = (call: Call): Call => {
  const { traits = {}, context, integrations = { All: true } } = call.parameters
  if (call.method !== 'identify') return { ...call, arrives: { integrations } }
  const inContext = Object.entries(call.columns)
    .filter(([name]) => !name.startsWith('context_'))
    .map(([name, value]) => [`context_traits_${name}`, value])
  return {
    ...call,
    columns: { ...call.columns, ...(Object.fromEntries(inContext) as Call['columns']) },
    arrives: { integrations, context: { ...context, traits } },
  }
}

testConditions(
  pythonClient({ name: 'rudder-sdk-python', module: 'rudderstack.analytics', source, calls: asSent }),
  [
    ...only200Cases(source),
    {
      name: 'it sends gzip under application/json, and names itself a server',
      run: async (rig, openSession) => {
        const calls = manyTracks(source, 5).map(asSent)
        await (await openSession()).send(calls)
        for (const { headers, body } of rig.proxy.requests) {
          assert.equal(headers['content-encoding'], 'gzip')
          assert.equal(headers['content-type'], 'application/json')
          for (const message of body['batch'] as { channel?: string }[]) assert.equal(message.channel, 'server')
        }
        await assertAccounted(rig, { calls })
      },
    },
  ],
  { skip: withoutPython },
)
