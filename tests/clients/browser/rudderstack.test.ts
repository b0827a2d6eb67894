import { after, before, describe, it } from 'node:test'
import { analyticsJsCalls } from './calls.ts'
import { withoutChromium } from './chromium.ts'
import { rudderstackBatch, rudderstackBeacon, rudderstackXhr } from './clients.ts'
import { rudderstackDialect } from './dialects.ts'
import { assertEveryCallArrives } from './every-call.ts'
import { startBrowserRig } from './rig.ts'
import type { BrowserRig } from './rig.ts'

describe('@rudderstack/analytics-js/bundled in Chromium', { skip: withoutChromium, timeout: 120_000 }, () => {
  let rig: BrowserRig
  before(async () => {
    rig = await startBrowserRig({ xhr: {}, batch: {}, beacon: {} })
  })
  after(() => rig[Symbol.asyncDispose]())

  for (const [source, client] of [
    ['xhr', rudderstackXhr],
    ['batch', rudderstackBatch],
    ['beacon', rudderstackBeacon],
  ] as const) {
    it(`${source}: every call arrives as it was made`, async () => {
      await assertEveryCallArrives(rig, await rig.visit(client, source), analyticsJsCalls(rudderstackDialect))
    })
  }
})
