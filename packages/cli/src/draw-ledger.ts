import type { DestinationLedger, Ledger } from '@millrace/protocol'
import { sum } from './ledger-problems.ts'
import type { Paint } from './paint.ts'
import { replayTable } from './draw-replay.ts'
import { columns, printable, table } from './table.ts'

/** A ledger as two tables, a third for destinations with several actions, the reasons behind the sums, and the verdict. */
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
        nameOf(row),
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
  const actions = actionRows(ledger)
  if (actions.length > 0) parts.push(table(['destination', 'source', 'action', 'delivered', 'dead'], actions))
  if (ledger.replays !== undefined) parts.push(replayTable(ledger.replays))
  const reasons = reasonRows(ledger)
  if (reasons.length > 0) parts.push(columns(reasons, [false, false, false, true]))
  parts.push(
    problems.length === 0
      ? paint.green('Balanced: every accepted message is accounted for.')
      : paint.red(['Not balanced:', ...problems.map((problem) => `  ${problem}`)].join('\n')),
  )
  return `${parts.join('\n\n')}\n`
}

/** Where there is only one action, its row would repeat that of its destination. */
const hasSeveral = ({ actions }: DestinationLedger): boolean => Object.keys(actions).length > 1

const actionRows = ({ destinations }: Ledger): (string | number)[][] =>
  destinations
    .filter(hasSeveral)
    .flatMap((row) =>
      Object.entries(row.actions).map(([action, { delivered, dead }]) => [
        nameOf(row),
        row.source,
        action,
        delivered,
        sum(dead),
      ]),
    )

const nameOf = ({ destination, removed }: DestinationLedger): string =>
  removed === true ? `${destination} (removed)` : destination

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
    ...ledger.destinations.flatMap((row) => {
      const where = `${row.source} → ${row.destination}`
      const actions = hasSeveral(row) ? Object.entries(row.actions) : []
      return [
        ...rows(where, 'filtered', row.filtered),
        ...rows(where, 'dead', row.dead),
        ...actions.flatMap(([action, { dead }]) => rows(`${where} (${action})`, 'dead', dead)),
      ]
    }),
  ]
}
