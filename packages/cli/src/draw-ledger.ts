import type { Ledger } from '@millrace/protocol'
import { sum } from './ledger-problems.ts'
import type { Paint } from './paint.ts'
import { columns, printable, table } from './table.ts'

/** A ledger as two tables, the reasons behind its sums, and the verdict. */
export function drawLedger(ledger: Ledger, problems: readonly string[], paint: Paint): string {
  const parts = [
    table(
      ['source', 'accepted', 'duplicate', 'dropped', 'resolved', 'unresolved', 'rejected'],
      ledger.sources.map((row) => [
        row.source === '' ? '(unknown key)' : row.source,
        row.accepted,
        row.duplicate,
        sum(row.dropped),
        row.resolved,
        row.unresolved,
        sum(row.rejected),
      ]),
    ),
    table(
      ['destination', 'source', 'resolved', 'delivered', 'filtered', 'waiting', 'in flight', 'parked', 'dead'],
      ledger.destinations.map((row) => [
        row.removed === true ? `${row.destination} (removed)` : row.destination,
        row.source,
        row.resolved,
        row.delivered,
        sum(row.filtered),
        row.pending.waiting,
        row.pending.inFlight,
        row.pending.parked,
        sum(row.dead),
      ]),
    ),
  ]
  const reasons = reasonRows(ledger)
  if (reasons.length > 0) parts.push(columns(reasons, [false, false, false, true]))
  parts.push(
    problems.length === 0
      ? paint.green('Balanced: every accepted message is accounted for.')
      : paint.red(['Not balanced:', ...problems.map((problem) => `  ${problem}`)].join('\n')),
  )
  return `${parts.join('\n\n')}\n`
}

function reasonRows(ledger: Ledger): string[][] {
  const rows = (where: string, term: string, counts: { readonly [reason: string]: number }): string[][] =>
    Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([reason, count]) => [printable(where), term, printable(reason), String(count)])
  return [
    ...ledger.sources.flatMap(({ source, dropped, rejected }) => [
      ...rows(source, 'dropped', dropped),
      ...rows(source === '' ? '(unknown key)' : source, 'rejected', rejected),
    ]),
    ...ledger.destinations.flatMap(({ source, destination, filtered, dead }) => [
      ...rows(`${source} → ${destination}`, 'filtered', filtered),
      ...rows(`${source} → ${destination}`, 'dead', dead),
    ]),
  ]
}
