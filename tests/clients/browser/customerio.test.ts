import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../support/eventually.ts'
import { assertKeptOffline } from './assert-kept-offline.ts'
import { analyticsJsCalls, countedTracks } from './calls.ts'
import { withoutChromium } from './chromium.ts'
import { customerio, customerioBatching } from './clients.ts'
import { customerioDialect } from './dialects.ts'
import { assertEveryCallArrives } from './every-call.ts'
import { makeCalls, startCalls } from './page-calls.ts'
import type { PageGlobals } from './page-calls.ts'
import { startBrowserRig, writeKeyOf } from './rig.ts'
import type { BrowserRig } from './rig.ts'
import { customerioSnippet, customerioSnippetAtSegments } from './snippets.ts'

describe('@customerio/cdp-analytics-browser in Chromium', { skip: withoutChromium, timeout: 120_000 }, () => {
  let rig: BrowserRig
  before(async () => {
    rig = await startBrowserRig({
      standard: {},
      batching: {},
      simple: {},
      late: {},
      offline: {},
      script: { settings: { browserScript: 'customerio' } },
      snippet: {},
    })
  })
  after(() => rig[Symbol.asyncDispose]())

  for (const [source, client] of [
    ['standard', customerio()],
    ['batching', customerioBatching],
    ['snippet', customerioSnippet],
    ['script', customerioSnippetAtSegments],
  ] as const) {
    it(`${source}: every call arrives as it was made`, async () => {
      await assertEveryCallArrives(rig, await rig.visit(client, source), analyticsJsCalls(customerioDialect))
    })
  }

  it('sends text/plain without authorization, so that the browser never asks before (2.0.7)', async () => {
    const visit = await rig.visit(customerio(), 'simple')
    await makeCalls(visit.page, analyticsJsCalls(customerioDialect))
    await eventually('messages arrive', () => visit.arrived().length > 0 || undefined)
    assert.deepEqual(visit.proxy.preflights, [])
    const sent = visit.proxy.requests.filter(({ method }) => method === 'POST')
    assert.ok(sent.length > 0)
    for (const { headers, body, status } of sent) {
      assert.equal(status, 200)
      assert.equal(headers.authorization, undefined)
      assert.equal(headers['content-type'], 'text/plain')
      assert.equal(body['writeKey'], writeKeyOf('simple'), 'the key is in the body alone')
    }
  })

  it('puts the person of an identify on what was called just before, and keeps the anonymous id', async () => {
    const visit = await rig.visit(customerio(), 'late')
    await startCalls(visit.page, [...countedTracks(0, 1), { method: 'identify', args: ['user-1'] }])
    await eventually('both messages arrive', () => visit.arrived().length === 2 || undefined)
    const anonymousId = await visit.page.evaluate(() => (globalThis as unknown as PageGlobals).anonymousId())
    for (const message of visit.arrived()) {
      assert.equal(message['userId'], 'user-1')
      assert.equal(message['anonymousId'], anonymousId)
    }
  })

  it('keeps what is called offline until the browser is online again', async () => {
    await assertKeptOffline(await rig.visit(customerio(), 'offline'))
  })
})
