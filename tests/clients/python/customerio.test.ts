import assert from 'node:assert/strict'
import { assertAccounted } from '../../support/clients/assert-accounted.ts'
import { oneTrack, testConditions } from '../../support/clients/test-conditions.ts'
import { only200Cases } from './only-200.ts'
import { pythonClient, withoutPython } from './python-client.ts'

const source = 'cio_python'
/** A key of the form that Customer.io gives out; somebody who moves keeps it as the key of the source. */
const regionKey = 'pk_us_0123456789'

testConditions(
  pythonClient({ name: 'customerio-cdp-analytics', module: 'customerio.analytics', source }),
  [
    ...only200Cases(source),
    {
      name: 'its body is {batch, sentAt}, with the write key in the header alone',
      run: async (rig, openSession) => {
        const call = oneTrack({ source }, 'basic')
        await (await openSession()).send([call])
        const [request] = rig.proxy.requests
        assert.equal(request?.headers.authorization, `Basic ${btoa(`${rig.writeKey}:`)}`)
        assert.deepEqual(Object.keys(request?.body ?? {}).sort(), ['batch', 'sentAt'])
        await assertAccounted(rig, { calls: [call] })
      },
    },
    {
      name: 'a key of the form pk_us_… comes as a Bearer token, which is taken as the write key',
      run: async (rig, openSession) => {
        const call = oneTrack({ source }, 'bearer')
        assert.deepEqual(await (await openSession({ writeKey: regionKey })).send([call]), [])
        assert.equal(rig.proxy.requests[0]?.headers.authorization, `Bearer ${regionKey}`)
        await assertAccounted(rig, { calls: [call] })
      },
    },
  ],
  { skip: withoutPython, moreWriteKeys: [regionKey] },
)
