import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertBalanced, drained } from '../../support/accounts.ts'
import { rateLimited, unavailable } from '../../support/clients/conditions.ts'
import { eventually } from '../../support/eventually.ts'
import { countedTracks } from './calls.ts'
import { withoutChromium } from './chromium.ts'
import { acknowledged, distinct, numbersOf, range, refused, without } from './counts.ts'
import { startCalls } from './page-calls.ts'
import { startBrowserRig } from './rig.ts'
import type { BrowserRig, Visit } from './rig.ts'
import { variants, variantSources } from './variants.ts'
import type { Variant } from './variants.ts'

/** All clients at once: most of the time of each goes by in waiting for its next attempt. */
describe('429 and 503 for a while, browser clients', { skip: withoutChromium, timeout: 180_000 }, () => {
  let rig: BrowserRig
  const visits = new Map<string, Visit>()
  const called = new Map<string, number>()

  before(async () => {
    rig = await startBrowserRig(variantSources)
    for (const { source, client } of variants) visits.set(source, await rig.visit(client, source))
    await Promise.all(variants.map(refuseForAWhile))
    await drained(rig.server)
  })
  after(() => rig[Symbol.asyncDispose]())

  const refuseForAWhile = async ({ source, name, refused: fate }: Variant): Promise<void> => {
    const visit = visits.get(source) as Visit
    const { page, proxy, client } = visit
    // The call that stands in a snippet is not one of those that are to be refused.
    if ('head' in client) await eventually(`the page of ${name}`, () => (visit.arrived().length > 0 ? true : undefined))
    proxy.refuse([rateLimited(1), unavailable, rateLimited(1), unavailable])
    let calls = 6
    await startCalls(page, countedTracks(0, calls))
    if (fate === 'lost') {
      // A client that does not try again meets the next refusal with its next calls.
      while (proxy.refusalsLeft > 0) {
        const sent = proxy.requests.length
        await startCalls(page, countedTracks(calls, (calls += 1)))
        await eventually(`${name} sends the next`, () => (proxy.requests.length > sent ? true : undefined))
      }
    }
    await eventually(`${name} was refused four times`, () => (proxy.refusalsLeft === 0 ? true : undefined), {
      timeoutMs: 60_000,
    })
    await startCalls(page, countedTracks(calls, (calls += 4)))
    called.set(source, calls)
    await eventually(
      `${name} has sent everything`,
      () =>
        distinct([...acknowledged(visit), ...(fate === 'lost' ? refused(visit) : [])]).length === calls || undefined,
      { timeoutMs: 60_000 },
    )
  }

  for (const { source, name, refused: fate } of variants) {
    it(`${name}: ${fate === 'again' ? 'sends again what was refused' : 'loses what was refused, and only that'}`, () => {
      const visit = visits.get(source) as Visit
      const calls = range(0, called.get(source) ?? 0)
      const arrived = numbersOf(visit.arrived())
      const lost = fate === 'lost' ? distinct(refused(visit)) : []
      assert.ok(refused(visit).length >= 4, 'it met the refusals')
      assert.deepEqual(arrived, without(calls, lost), 'arrived, each once')
      assert.deepEqual(acknowledged(visit), arrived, 'what was acknowledged arrives, and nothing else')
    })
  }

  it('the ledger is balanced', async () => {
    await assertBalanced(rig.server)
  })
})
