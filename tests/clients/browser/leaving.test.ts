import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { accountOf, assertBalanced, drained } from '../../support/accounts.ts'
import { eventually } from '../../support/eventually.ts'
import { countedTracks } from './calls.ts'
import { withoutChromium } from './chromium.ts'
import { customerio, customerioKeepalive, segment, segmentKeepalive } from './clients.ts'
import type { BrowserClient } from './clients.ts'
import { acknowledged, numbersOf, sent } from './counts.ts'
import { startCalls } from './page-calls.ts'
import { startBrowserRig } from './rig.ts'
import type { BrowserRig, Visit } from './rig.ts'

/** A batch that nothing fills in the time of a test: only leaving the page sends it. */
const waiting = { strategy: 'batching', config: { size: 100, timeout: 600_000 } }

interface Leaving {
  source: string
  name: string
  client: BrowserClient
  /** How often one message is on the wire when the person leaves while its answer is still to come. */
  times: number
}

const leavings: readonly Leaving[] = [
  { source: 'segment', name: '@segment/analytics-next, standard', client: segment(), times: 2 },
  { source: 'segment_keepalive', name: '@segment/analytics-next, keepalive', client: segmentKeepalive, times: 2 },
  { source: 'segment_batching', name: '@segment/analytics-next, batching', client: segment(waiting), times: 1 },
  { source: 'customerio', name: '@customerio/cdp-analytics-browser, standard', client: customerio(), times: 2 },
  {
    source: 'customerio_keepalive',
    name: '@customerio/cdp-analytics-browser, keepalive',
    client: customerioKeepalive,
    times: 2,
  },
  {
    source: 'customerio_batching',
    name: '@customerio/cdp-analytics-browser, batching',
    client: customerio(waiting),
    times: 1,
  },
]

/**
 * What happens to a message that was called just before its page goes away (2.0.9, 2.4). The answer to it is held back, so
 * that the page always leaves between sending and being answered. Clients write such messages down and send them again from
 * the next page of the site.
 */
describe('a person leaves the page, browser clients', { skip: withoutChromium, timeout: 120_000 }, () => {
  let rig: BrowserRig
  before(async () => {
    const names = leavings.flatMap(({ source }) => [source, `${source}_closed`])
    rig = await startBrowserRig(Object.fromEntries([...names, 'lost_answer'].map((source) => [source, {}])))
  })
  after(() => rig[Symbol.asyncDispose]())

  /** The server has the message, and the page does not know. With batching it is still in the page. */
  const callUnanswered = async (
    visit: Visit,
    { times }: Pick<Leaving, 'times'>,
  ): Promise<(what: 'pass' | 'break') => void> => {
    const release = visit.proxy.holdAnswers()
    await startCalls(visit.page, countedTracks(0, 1))
    if (times > 1) await eventually('the server has the message', () => acknowledged(visit).length === 1 || undefined)
    return release
  }

  const assertArrivedOnce = async (visit: Visit, times: number): Promise<void> => {
    const { sources } = await drained(rig.server)
    assert.deepEqual(numbersOf(visit.arrived()), [0], 'it arrives once')
    const source = sources.find(({ source: id }) => id === visit.source)
    assert.equal(source?.duplicate, times - 1, 'its copies are duplicates')
    assert.equal(accountOf(await rig.server.api.ledger(), `hook_${visit.source}`, visit.source).delivered, 1)
  }

  for (const leaving of leavings) {
    const { source, name, client, times } = leaving
    it(`${name}: to another page, sent ${times === 1 ? 'once' : 'twice'}, arrives once`, async () => {
      const visit = await rig.visit(client, source)
      const release = await callUnanswered(visit, leaving)
      await visit.open('/next')
      release('pass')
      await eventually('it is sent as often as the client does', () => sent(visit).length === times || undefined)
      await eventually('it arrives', () => visit.arrived().length > 0 || undefined)
      await assertArrivedOnce(visit, times)
    })

    it(`${name}: by closing the tab, sent once, arrives once`, async () => {
      const visit = await rig.visit(client, `${source}_closed`)
      const release = await callUnanswered(visit, leaving)
      await visit.page.close({ runBeforeUnload: true })
      await eventually('the server has the message', () => acknowledged(visit).length === 1 || undefined)
      release('pass')
      await eventually('it arrives', () => visit.arrived().length > 0 || undefined)
      await assertArrivedOnce(visit, 1)
    })
  }

  it('@segment/analytics-next: an answer that is lost on the way: sent again, arrives once', async () => {
    const visit = await rig.visit(segment(), 'lost_answer')
    const release = await callUnanswered(visit, { times: 2 })
    release('break')
    await eventually('it is sent again', () => sent(visit).length === 2 || undefined)
    await assertArrivedOnce(visit, 2)
  })

  it('the ledger is balanced', async () => {
    await assertBalanced(rig.server)
  })
})
