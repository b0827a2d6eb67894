import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { unavailable } from '../../support/clients/conditions.ts'
import { eventually } from '../../support/eventually.ts'
import { assertKeptOffline } from './assert-kept-offline.ts'
import { analyticsJsCalls, countedTracks } from './calls.ts'
import { withoutChromium } from './chromium.ts'
import { segment, segmentBatching } from './clients.ts'
import { numbersOf } from './counts.ts'
import { segmentDialect } from './dialects.ts'
import { assertEveryCallArrives } from './every-call.ts'
import { startCalls } from './page-calls.ts'
import type { PageGlobals } from './page-calls.ts'
import { askedHeaders, startBrowserRig, writeKeyOf } from './rig.ts'
import type { BrowserRig } from './rig.ts'
import { segmentSnippet } from './snippets.ts'

describe('@segment/analytics-next in Chromium', { skip: withoutChromium, timeout: 120_000 }, () => {
  let rig: BrowserRig
  before(async () => {
    rig = await startBrowserRig({
      standard: {},
      batching: {},
      snippet: {},
      preflight: {},
      limited: { settings: { maxRequestsPerSecond: 1 } },
      late: {},
      offline: {},
    })
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

  it('asks before each path, for authorization, and for x-retry-count too when it sends again (2.0.7)', async () => {
    const visit = await rig.visit(segment(), 'preflight')
    const { proxy } = visit
    proxy.refuse([unavailable])
    await startCalls(visit.page, countedTracks(0, 1))
    await eventually('the message arrives', () => visit.arrived().length === 1 || undefined)
    assert.deepEqual(askedHeaders(visit), ['authorization', 'authorization,x-retry-count'])
    const sent = proxy.requests.filter(({ method }) => method === 'POST')
    assert.deepEqual(
      sent.map(({ path, status, headers }) => [path, status, headers['x-retry-count']]),
      [
        ['/v1/t', 503, undefined],
        ['/v1/t', 200, '1'],
      ],
    )
    for (const { headers } of sent) {
      assert.equal(headers.authorization, `Basic ${btoa(`${writeKeyOf('preflight')}:`)}`)
      assert.equal(headers['content-type'], 'text/plain')
    }
  })

  it('reads Retry-After of the server and comes again (2.0.8)', async () => {
    const visit = await rig.visit(segment(), 'limited')
    const { page, proxy } = visit
    const read = await page.evaluateHandle(() => {
      const values: (string | null)[] = []
      const { get } = Headers.prototype
      Object.assign(Headers.prototype, {
        get(this: Headers, name: string) {
          const value = get.call(this, name)
          if (name.toLowerCase() === 'retry-after') values.push(value)
          return value
        },
      })
      return values
    })
    await startCalls(page, countedTracks(0, 3))
    await eventually('all messages arrive', () => visit.arrived().length === 3 || undefined)
    const refusals = proxy.requests.filter(({ status }) => status === 429)
    assert.ok(refusals.length > 0, 'the server refused some')
    assert.deepEqual(
      await read.jsonValue(),
      refusals.map(() => '1'),
    )
    assert.deepEqual(numbersOf(visit.arrived()), [0, 1, 2])
  })

  it('puts the person of an identify on what was called just before, and keeps the anonymous id', async () => {
    const visit = await rig.visit(segment(), 'late')
    await startCalls(visit.page, [...countedTracks(0, 1), { method: 'identify', args: ['user-1'] }])
    await eventually('both messages arrive', () => visit.arrived().length === 2 || undefined)
    const anonymousId = await visit.page.evaluate(() => (globalThis as unknown as PageGlobals).anonymousId())
    for (const message of visit.arrived()) {
      assert.equal(message['userId'], 'user-1')
      assert.equal(message['anonymousId'], anonymousId)
    }
  })

  it('keeps what is called offline until the browser is online again', async () => {
    await assertKeptOffline(await rig.visit(segment(), 'offline'))
  })
})
