import { after, before, describe, it } from 'node:test'
import { analyticsJsCalls } from './calls.ts'
import { withoutChromium } from './chromium.ts'
import { customerio, customerioBatching } from './clients.ts'
import { customerioDialect } from './dialects.ts'
import { assertEveryCallArrives } from './every-call.ts'
import { startBrowserRig } from './rig.ts'
import type { BrowserRig } from './rig.ts'
import { customerioSnippet } from './snippets.ts'

describe('@customerio/cdp-analytics-browser in Chromium', { skip: withoutChromium, timeout: 120_000 }, () => {
  let rig: BrowserRig
  before(async () => {
    rig = await startBrowserRig({ standard: {}, batching: {}, snippet: { settings: { browserScript: 'customerio' } } })
  })
  after(() => rig[Symbol.asyncDispose]())

  for (const [source, client] of [
    ['standard', customerio()],
    ['batching', customerioBatching],
    ['snippet', customerioSnippet],
  ] as const) {
    it(`${source}: every call arrives as it was made`, async () => {
      await assertEveryCallArrives(rig, await rig.visit(client, source), analyticsJsCalls(customerioDialect))
    })
  }
})
