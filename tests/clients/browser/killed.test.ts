import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertBalanced, drained } from '../../support/accounts.ts'
import { kill, restart } from '../../support/clients/conditions.ts'
import { eventually } from '../../support/eventually.ts'
import { query } from '../../support/warehouse.ts'
import { countedTracks } from './calls.ts'
import { withoutChromium } from './chromium.ts'
import { acknowledged, broken, distinct, failed, numbersOf, range, without } from './counts.ts'
import { startCalls } from './page-calls.ts'
import { startBrowserRig } from './rig.ts'
import type { BrowserRig, Visit } from './rig.ts'
import { variants, variantSources } from './variants.ts'
import type { Fate, Variant } from './variants.ts'

const before4 = range(0, 4)
const while4 = range(4, 8)
const all = range(0, 12)

/** One server for all clients, killed and started again under all of their pages at once. */
describe('the server killed and started again, browser clients', { skip: withoutChromium, timeout: 180_000 }, () => {
  let rig: BrowserRig
  const visits = new Map<string, Visit>()
  const visitOf = ({ source }: Variant): Visit => visits.get(source) as Visit

  before(async () => {
    rig = await startBrowserRig(variantSources)
    for (const variant of variants) visits.set(variant.source, await rig.visit(variant.client, variant.source))
    await callAndWait(0, 4, 'is acknowledged', (visit) => acknowledged(visit))

    const { server } = rig
    const [first, ...others] = [...visits.values()].map(({ proxy }) => proxy)
    assert.ok(first !== undefined)
    for (const proxy of others) proxy.cutOff()
    await kill({ server, proxy: first })
    await callAndWait(4, 8, 'finds the server dead', (visit) => [...broken(visit), ...failed(visit)])
    await restart({ server, proxy: first })
    for (const proxy of others) proxy.passTo(server.url)

    await callAndWait(8, 12, 'is acknowledged', (visit) => acknowledged(visit))
    for (const variant of variants) {
      await eventually(`${variant.name} gives nothing more`, () => isSettled(variant) || undefined, {
        timeoutMs: 60_000,
      })
    }
    await drained(server)
  })
  after(() => rig[Symbol.asyncDispose]())

  /** Calls on every page; resolves when the events of these numbers are where they are looked for, on every page. */
  const callAndWait = async (
    from: number,
    to: number,
    what: string,
    look: (visit: Visit) => number[],
  ): Promise<void> => {
    for (const variant of variants) await startCalls(visitOf(variant).page, countedTracks(from, to))
    for (const variant of variants) {
      await eventually(`what ${variant.name} calls ${what}`, () => {
        const seen = look(visitOf(variant))
        return range(from, to).every((number) => seen.includes(number)) || undefined
      })
    }
  }

  /** What the client has lost by its own rules, as far as the proxy could see. */
  const lostBy = (variant: Variant): number[] => {
    const visit = visitOf(variant)
    const missing = without(all, acknowledged(visit))
    const attempts = (number: number): number => broken(visit).filter((each) => each === number).length
    const rules: Record<Fate, (number: number) => boolean> = {
      again: () => false,
      // Chromium repeats a request by itself when a kept connection breaks, so there may be more of them.
      'again 4×': (number) => attempts(number) >= 4,
      last: (number) => attempts(number) >= 1,
      lost: (number) => attempts(number) >= 1 || failed(visit).includes(number),
    }
    return missing.filter(rules[variant.broken])
  }

  const isSettled = (variant: Variant): boolean =>
    distinct([...acknowledged(visitOf(variant)), ...lostBy(variant)]).length === all.length

  const titles: Record<Fate, string> = {
    again: 'loses nothing',
    'again 4×': 'loses nothing but what it gave up after four attempts',
    last: 'loses the batch that could not be sent, but perhaps its last message',
    lost: 'loses what it called meanwhile',
  }

  for (const variant of variants) {
    it(`${variant.name}: ${titles[variant.broken]}`, async () => {
      const visit = visitOf(variant)
      // At the webhook what was in flight at the kill may be there twice.
      const arrived = distinct(numbersOf(visit.arrived()))
      assert.deepEqual(arrived, acknowledged(visit), 'what was acknowledged arrives, and nothing else')
      assert.deepEqual(arrived, without(all, lostBy(variant)))
      assert.deepEqual(without(before4, arrived), [])
      if (variant.broken === 'lost') assert.deepEqual(lostBy(variant), while4)
      if (variant.broken === 'last') assert.deepEqual(without(lostBy(variant), [7]), [4, 5, 6])
      const rows = await query(rig.server.api, `select index from "${variant.source}"."counted" order by index`)
      assert.deepEqual(
        rows.map(([index]) => Number(index)),
        arrived,
        'the warehouse has each once',
      )
    })
  }

  it('the ledger is balanced', async () => {
    await assertBalanced(rig.server)
  })
})
