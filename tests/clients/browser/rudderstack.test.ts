import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { unavailable } from '../../support/clients/conditions.ts'
import { eventually } from '../../support/eventually.ts'
import { analyticsJsCalls, countedTracks } from './calls.ts'
import { withoutChromium } from './chromium.ts'
import { rudderstackBatch, rudderstackBeacon, rudderstackXhr } from './clients.ts'
import { rudderstackDialect } from './dialects.ts'
import { assertEveryCallArrives } from './every-call.ts'
import { makeCalls } from './page-calls.ts'
import { askedHeaders, startBrowserRig, writeKeyOf } from './rig.ts'
import type { BrowserRig } from './rig.ts'

describe('@rudderstack/analytics-js/bundled in Chromium', { skip: withoutChromium, timeout: 120_000 }, () => {
  let rig: BrowserRig
  before(async () => {
    rig = await startBrowserRig({ xhr: {}, batch: {}, beacon: {}, headers: {}, bare_beacon: {} })
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

  it('XHR: names the person in a header, and asks before for four headers, for eight when it sends again (2.1)', async () => {
    const visit = await rig.visit(rudderstackXhr, 'headers')
    const { proxy } = visit
    proxy.refuse([unavailable])
    const [anonymousId] = await makeCalls(visit.page, countedTracks(0, 1))
    await eventually('the message arrives', () => visit.arrived().length === 1 || undefined)
    const asked = askedHeaders(visit).map((names) => names.split(',').sort())
    const once = ['anonymousid', 'authorization', 'content-type', 'sentat']
    assert.deepEqual(
      asked.filter((names) => names.length === 4),
      [once],
    )
    assert.deepEqual(
      asked.filter((names) => names.includes('rsa-retry-attempt')),
      [
        [
          ...once.slice(0, 3),
          'rsa-retry-attempt',
          'rsa-retry-reason',
          'rsa-since-first-attempt',
          'rsa-since-last-attempt',
          'sentat',
        ],
      ],
    )
    const sent = proxy.requests.filter(({ method }) => method === 'POST')
    assert.deepEqual(
      sent.map(({ status }) => status),
      [503, 200],
    )
    for (const { headers } of sent) {
      assert.equal(headers.authorization, `Basic ${btoa(`${writeKeyOf('headers')}:`)}`)
      assert.equal(headers['content-type'], 'application/json;charset=UTF-8')
      assert.equal(atob(String(headers['anonymousid'])), anonymousId)
    }
  })

  it('beacon: sends no header of its own, the write key is in the address alone (2.0.6)', async () => {
    const visit = await rig.visit(rudderstackBeacon, 'bare_beacon')
    const [anonymousId] = await makeCalls(visit.page, countedTracks(0, 4))
    await eventually('all messages arrive', () => visit.arrived().length === 4 || undefined)
    const sent = visit.proxy.requests.filter(({ method }) => method === 'POST')
    for (const { headers, path, body } of sent) {
      assert.equal(path, `/beacon/v1/batch?writeKey=${writeKeyOf('bare_beacon')}`)
      assert.match(headers['content-type'] ?? '', /^text\/plain/)
      for (const name of ['authorization', 'anonymousid', 'sentat']) assert.equal(headers[name], undefined, name)
      assert.deepEqual(Object.keys(body).sort(), ['batch', 'sentAt'])
    }
    assert.deepEqual(
      visit.arrived().map((message) => message['anonymousId']),
      [anonymousId, anonymousId, anonymousId, anonymousId],
    )
  })
})
