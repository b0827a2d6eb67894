import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { withoutChromium } from '../../clients/browser/chromium.ts'
import { countedTracks } from '../../clients/browser/calls.ts'
import { numbersOf } from '../../clients/browser/counts.ts'
import { makeCalls, startCalls } from '../../clients/browser/page-calls.ts'
import type { PageGlobals } from '../../clients/browser/page-calls.ts'
import { startBrowserRig, writeKeyOf } from '../../clients/browser/rig.ts'
import type { BrowserRig, Visit } from '../../clients/browser/rig.ts'
import { pageWith } from '../../clients/browser/site.ts'
import { customerioSnippet, customerioSnippetAtSegments, segmentSnippet } from '../../clients/browser/snippets.ts'
import { root } from '../../structure/source-files.ts'
import { eventually } from '../../support/eventually.ts'

const sites = [
  { vendor: 'segment', before: segmentSnippet, switched: segmentSnippet },
  { vendor: 'customerio', before: customerioSnippet, switched: customerioSnippetAtSegments },
] as const

/** The script of Millrace where a site's snippet had that of its vendor: the same snippet with another host. */
describe('a site whose snippet is switched to Millrace', { skip: withoutChromium, timeout: 120_000 }, () => {
  let rig: BrowserRig
  before(async () => {
    execFileSync(process.execPath, [join(root, 'packages/sdk-browser/bundle.ts')])
    const sources = sites.flatMap(({ vendor }) => [
      [vendor, {}] as const,
      [`${vendor}_switched`, { settings: { browserScript: 'millrace' } }] as const,
    ])
    rig = await startBrowserRig({
      ...Object.fromEntries(sources),
      leaving: { settings: { browserScript: 'millrace' } },
    })
  })
  after(() => rig[Symbol.asyncDispose]())

  const anonymousIdOf = ({ page }: Visit): Promise<string> =>
    page.evaluate(() => (globalThis as unknown as PageGlobals).anonymousId())

  for (const { vendor, before, switched } of sites) {
    it(`${vendor}: keeps its visitors' anonymous ids and its events arrive`, async () => {
      const visit = await rig.visit(before, vendor)
      const id = await anonymousIdOf(visit)
      const source = `${vendor}_switched`
      const setUp = { host: rig.server.url, writeKey: writeKeyOf(source) }
      await visit.page.goto(rig.site.add(`/${source}`, 'html', pageWith(switched.head(setUp))))
      await switched.load(visit.page, setUp)
      await makeCalls(visit.page, [{ method: 'track', args: ['Switched'] }])
      assert.equal(await anonymousIdOf(visit), id)
      const messages = await eventually('page and track arrive', async () => {
        const { entries } = await rig.server.api.tail({ from: '0:0', source, limit: 100 })
        return entries.length === 2 ? entries.map(({ message }) => message) : undefined
      })
      for (const message of messages) {
        assert.equal(message?.anonymousId, id)
        assert.deepEqual(message?.context?.['library'], { name: '@millrace/browser', version: '0.1.0' })
      }
      assert.deepEqual(visit.errors, [])
    })
  }

  it('loses and doubles nothing when pages are left right after a call', async () => {
    const visit = await rig.visit(segmentSnippet, 'leaving')
    const times = 25
    for (let time = 0; time < times; time++) {
      await startCalls(visit.page, countedTracks(time, time + 1))
      await visit.open(`/${time}`)
    }
    await eventually('all arrive', () => numbersOf(visit.arrived()).length >= times || undefined)
    const numbers = numbersOf(visit.arrived())
    assert.equal(numbers.length, times)
    assert.equal(new Set(numbers).size, times)
  })
})
