import { after, before, describe, it } from 'node:test'
import { withoutChromium } from './chromium.ts'
import { jitsu } from './clients.ts'
import { jitsuCalls } from './dialects.ts'
import { assertEveryCallArrives } from './every-call.ts'
import { startBrowserRig } from './rig.ts'
import type { BrowserRig } from './rig.ts'

describe('@jitsu/js in Chromium', { skip: withoutChromium, timeout: 120_000 }, () => {
  let rig: BrowserRig
  before(async () => {
    rig = await startBrowserRig({ jitsu: {} })
  })
  after(() => rig[Symbol.asyncDispose]())

  it('every call arrives as it was made', async () => {
    await assertEveryCallArrives(rig, await rig.visit(jitsu, 'jitsu'), jitsuCalls())
  })
})
