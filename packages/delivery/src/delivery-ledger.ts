import type { ActionLedger, DestinationLedger } from '@millrace/protocol'
import type { Cursor, StateReader } from '@millrace/storage'
import { consumerOf, counterPrefixesOf, decodeMeta, deliveryState, partsOfCounter } from './delivery-state.ts'
import type { DestinationMeta } from './delivery-state.ts'
import { outcomeTerms } from './outcome-code.ts'

/** Counts resolved messages of each source before a place in the log; the resolve stage knows. */
export type ResolvedBefore = (cursor: Cursor) => Promise<ReadonlyMap<string, number>>

export interface KnownDestination {
  id: string
  meta: DestinationMeta
  cursor: Cursor
}

/** All destinations that have an account, the removed ones included. */
export const knownDestinations = async (state: StateReader): Promise<KnownDestination[]> => {
  const known: KnownDestination[] = []
  for (const { key, value } of await state.scan(deliveryState.meta, { limit: 1_000_000 })) {
    const id = key[0] as string
    const meta = decodeMeta(value)
    known.push({ id, meta, cursor: (await state.cursor(consumerOf(id))) ?? meta.start })
  }
  return known
}

/**
 * The account of each source with each destination. Delivered, filtered and dead come from the counters that were committed
 * with the cursor; pending is what was resolved between the cursor and `resolveCursor`, counted on its own, never as the rest.
 */
export const destinationLedgers = async (
  state: StateReader,
  resolveCursor: Cursor,
  resolvedBefore: ResolvedBefore,
  inFlight: ReadonlyMap<string, number>,
): Promise<DestinationLedger[]> => {
  const ledgers: DestinationLedger[] = []
  const resolvedNow = await resolvedBefore(resolveCursor)
  for (const { id, meta, cursor } of await knownDestinations(state)) {
    const counters = await state.counters(counterPrefixesOf(id).all)
    const removed = meta.removedAt !== undefined
    const settledBefore = removed ? undefined : await resolvedBefore(cursor)
    const settled = settledOf(id, counters)
    const sources = new Set([...settled.keys(), ...resolvedNow.keys()])
    let unattributed = removed ? 0 : (inFlight.get(id) ?? 0)
    for (const source of sources) {
      const ledger = settled.get(source) ?? emptyLedger(id, source)
      if (settledBefore !== undefined) {
        const now = resolvedNow.get(source) ?? 0
        const waiting = Math.max(
          0,
          now - Math.max(settledBefore.get(source) ?? 0, meta.resolvedBeforeStart[source] ?? 0),
        )
        // Deliverers count what is in flight per destination; it is shown with the first source that has so much pending.
        const flying = Math.min(waiting, unattributed)
        unattributed -= flying
        ledger.pending = { ...ledger.pending, waiting: waiting - flying, inFlight: flying }
        ledger.resolved = now - (meta.resolvedBeforeStart[source] ?? 0)
      } else {
        ledger.removed = true
        ledger.resolved = sumOf(ledger)
      }
      if (ledger.resolved !== 0 || sumOf(ledger) !== 0) ledgers.push(ledger)
    }
  }
  return ledgers
}

/** What the counters say, by source; what is pending is not among them. */
const settledOf = (id: string, counters: ReadonlyMap<string, number>): Map<string, DestinationLedger> => {
  const ledgers = new Map<string, DestinationLedger>()
  const actions = new Map<string, Map<string, ActionLedger>>()
  for (const [name, count] of counters) {
    const { source, code, action } = partsOfCounter(name)
    let ledger = ledgers.get(source)
    if (ledger === undefined) ledgers.set(source, (ledger = emptyLedger(id, source)))
    if (count === 0) continue
    const { term, reason } = outcomeTerms[code] ?? { term: 'none', reason: '' }
    if (action === undefined) {
      if (term === 'delivered') ledger.delivered += count
      else if (term === 'parked') ledger.pending.parked += count
      else if (term !== 'none') ledger[term][reason] = count
    } else if (term === 'delivered' || term === 'dead') {
      let ofSource = actions.get(source)
      if (ofSource === undefined) actions.set(source, (ofSource = new Map()))
      let ofAction = ofSource.get(action)
      if (ofAction === undefined) ofSource.set(action, (ofAction = { delivered: 0, dead: {} }))
      if (term === 'delivered') ofAction.delivered += count
      else ofAction.dead[reason] = count
    }
  }
  for (const [source, ledger] of ledgers) {
    const byName = [...(actions.get(source) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
    ledger.actions = Object.fromEntries(byName)
  }
  return ledgers
}

/** The right side of the equation. */
export const sumOf = (ledger: DestinationLedger): number =>
  ledger.delivered +
  total(ledger.filtered) +
  total(ledger.dead) +
  ledger.pending.waiting +
  ledger.pending.inFlight +
  ledger.pending.parked

export const total = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)

const emptyLedger = (destination: string, source: string): DestinationLedger => ({
  destination,
  source,
  resolved: 0,
  delivered: 0,
  filtered: {},
  pending: { waiting: 0, inFlight: 0, parked: 0 },
  dead: {},
  actions: {},
})
