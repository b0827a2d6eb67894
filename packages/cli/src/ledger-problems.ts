import type { Ledger } from '@millrace/protocol'

/** Each sum of a ledger that does not come out; none when every message is accounted for. */
export function ledgerProblems(ledger: Ledger): string[] {
  const sources = ledger.sources.flatMap((row) => {
    const parts = row.duplicate + sum(row.dropped) + row.resolved + row.unresolved
    return parts === row.accepted
      ? []
      : [`source ${row.source}: accepted ${row.accepted}, but its parts are ${parts} (${row.accepted - parts} missing)`]
  })
  const destinations = ledger.destinations.flatMap((row) => {
    const { waiting, inFlight, parked } = row.pending
    const parts = row.delivered + sum(row.filtered) + waiting + inFlight + parked + sum(row.dead)
    return parts === row.resolved
      ? []
      : [
          `destination ${row.destination}, source ${row.source}: resolved ${row.resolved}, but its parts are ${parts} ` +
            `(${row.resolved - parts} missing)`,
        ]
  })
  return [...sources, ...destinations]
}

export const sum = (counts: { readonly [reason: string]: number }): number =>
  Object.values(counts).reduce((total, count) => total + count, 0)
