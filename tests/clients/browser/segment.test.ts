import { after, before, describe, it } from 'node:test'
import { analyticsJsCalls } from './calls.ts'
import { withoutChromium } from './chromium.ts'
import { segment, segmentBatching } from './clients.ts'
import { segmentDialect } from './dialects.ts'
import { assertEveryCallArrives } from './every-call.ts'
import { startBrowserRig } from './rig.ts'
import type { BrowserRig } from './rig.ts'
import { segmentSnippet } from './snippets.ts'

describe('@segment/analytics-next in Chromium', { skip: withoutChromium, timeout: 120_000 }, () => {
  let rig: BrowserRig
  before(async () => {
    rig = await startBrowserRig({ standard: {}, batching: {}, snippet: {} })
  })
  after(() => rig[Symbol.asyncDispose]())

  for (const [source, client] of [
    ['standard', segment()],
    ['batching', segmentBatching],
    ['snippet', segmentSnippet],
  ] as const) {
    it(`${source}: every call arrives as it was made`, async () => {
      await assertEveryCallArrives(rig, await rig.visit(client, source), analyticsJsCalls(segmentDialect))
    })
  }
})
