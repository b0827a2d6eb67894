import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../support/eventually.ts'
import { countedTracks } from './calls.ts'
import { withoutChromium } from './chromium.ts'
import { jitsu } from './clients.ts'
import { jitsuCalls } from './dialects.ts'
import { assertEveryCallArrives } from './every-call.ts'
import { makeCalls } from './page-calls.ts'
import { askedHeaders, startBrowserRig, writeKeyOf } from './rig.ts'
import type { BrowserRig } from './rig.ts'

describe('@jitsu/js in Chromium', { skip: withoutChromium, timeout: 120_000 }, () => {
  let rig: BrowserRig
  before(async () => {
    rig = await startBrowserRig({ jitsu: {}, masked: {} })
  })
  after(() => rig[Symbol.asyncDispose]())

  it('every call arrives as it was made', async () => {
    await assertEveryCallArrives(rig, await rig.visit(jitsu, 'jitsu'), jitsuCalls())
  })

  it('masks its key in the body and sends both halves in a header; the key is in no message (2.0.6)', async () => {
    const visit = await rig.visit(jitsu, 'masked')
    await makeCalls(visit.page, countedTracks(0, 1))
    await eventually('the message arrives', () => visit.arrived().length === 1 || undefined)
    assert.deepEqual(askedHeaders(visit), ['content-type,x-write-key'])
    const [{ path, headers, body } = assert.fail('nothing was sent')] = visit.proxy.requests
    assert.equal(path, '/api/s/track')
    assert.equal(headers['x-write-key'], `${writeKeyOf('masked')}:secret`)
    assert.equal(headers['content-type'], 'application/json')
    assert.equal(body['writeKey'], `${writeKeyOf('masked')}:***`)
    assert.ok(!JSON.stringify(visit.arrived()).includes(writeKeyOf('masked')))
  })
})
