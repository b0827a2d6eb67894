import type { DestinationLedger, LedgerProblem } from '@millrace/protocol'
import { compareCursors } from '@millrace/storage'
import type { Cursor, StateReader } from '@millrace/storage'
import { sumOf } from './delivery-ledger.ts'
import type { KnownDestination } from './delivery-ledger.ts'
import { counterOf, deliveryState } from './delivery-state.ts'
import { isDead, outcomeCodes } from './outcome-code.ts'
import { decodeOutcomes } from './outcome-runs.ts'
import type { OutcomeRecord } from './outcome-runs.ts'
import type { ResolvedFeed } from './resolved-feed.ts'

/**
 * Recounts one destination from the log and its outcome records: the records must cover every row from its start to its
 * cursor without gap or overlap, agree with the resolve stage about which rows are messages, add up to the counters, and
 * every dead message must have its letter.
 */
export const verifyDestination = async (
  { id, meta, cursor }: KnownDestination,
  state: StateReader,
  feed: ResolvedFeed,
  tail: number,
  onMessages: (count: number) => void,
  signal: AbortSignal,
): Promise<LedgerProblem[]> => {
  const problems: LedgerProblem[] = []
  const problem = (message: string, counted?: number, recorded?: number): void => {
    if (problems.length < 100) {
      problems.push({
        where: `destination ${id}`,
        message,
        ...(counted !== undefined && { counted, recorded: recorded ?? 0 }),
      })
    }
  }
  const counted = new Map(
    [...(await state.counters(`pruned/${id}/`))].map(([name, value]) => [name.slice('pruned/'.length), value]),
  )
  let dead = 0
  let at: Cursor | undefined
  for await (const record of outcomeRecords(id, state)) {
    signal.throwIfAborted()
    if (at === undefined) {
      if (compareCursors(record.from, meta.start) > 0 && record.from.block > tail && tail <= meta.start.block) {
        problem(`its first outcome record begins at ${text(record.from)}, after its start at ${text(meta.start)}`)
      }
    } else if (compareCursors(record.from, at) !== 0) {
      problem(`the outcome record at ${text(record.from)} does not follow the one that ends at ${text(at)}`)
    }
    at = record.to
    let row = 0
    for await (const { source, isResolved } of rowsOf(record, feed)) {
      const code = record.runs.at(row++)
      if (code === undefined) {
        problem(`the outcome record at ${text(record.from)} has fewer rows than the log`)
        break
      }
      if (isResolved === (code === outcomeCodes.notResolved)) {
        problem(`row ${row - 1} of the outcome record at ${text(record.from)} disagrees with the resolve stage`)
      }
      if (!isResolved) continue
      const name = counterOf(id, source, code)
      counted.set(name, (counted.get(name) ?? 0) + 1)
      if (isDead(code) && code !== outcomeCodes.deadRemoved) dead++
    }
    onMessages(row)
    if (record.runs.rowCount !== row) {
      problem(`the outcome record at ${text(record.from)} has a wrong number of rows`, row, record.runs.rowCount)
    }
  }
  if (at !== undefined && compareCursors(at, cursor) !== 0) {
    problem(`its outcome records end at ${text(at)}, its cursor is at ${text(cursor)}`)
  }
  const recorded = await state.counters(`${id}/`)
  for (const name of new Set([...counted.keys(), ...recorded.keys()])) {
    const [fromLog, stored] = [counted.get(name) ?? 0, recorded.get(name) ?? 0]
    if (fromLog !== stored) problem(`the records and the counter ${name} differ`, fromLog, stored)
  }
  const letters = await countLetters(id, state)
  if (letters < dead) problem('dead messages without a dead letter', dead, letters)
  return problems
}

/** The equation itself, for each source and destination. */
export const verifyEquation = (ledgers: readonly DestinationLedger[]): LedgerProblem[] =>
  ledgers
    .filter((ledger) => sumOf(ledger) !== ledger.resolved)
    .map((ledger) => ({
      where: `${ledger.source} → ${ledger.destination}`,
      message: 'resolved is not delivered + filtered + pending + dead',
      counted: sumOf(ledger),
      recorded: ledger.resolved,
    }))

async function* outcomeRecords(id: string, state: StateReader): AsyncGenerator<OutcomeRecord> {
  let from: readonly (string | number)[] = [id]
  for (;;) {
    const page = await state.scan(deliveryState.outcomes, { prefix: [id], from, limit: 500 })
    for (const { key, value } of page) yield decodeOutcomes({ block: key[1] as number, index: key[2] as number }, value)
    const last = page.at(-1)
    if (page.length < 500 || last === undefined) return
    from = [...last.key, 0]
  }
}

async function* rowsOf(
  record: OutcomeRecord,
  feed: ResolvedFeed,
): AsyncGenerator<{ source: string; isResolved: boolean }> {
  let at = record.from
  while (compareCursors(at, record.to) < 0) {
    const blocks = await feed.read(at.block)
    if (blocks.length === 0) return
    for (const resolved of blocks) {
      const first = resolved.offset === at.block ? at.index : 0
      const last = resolved.offset === record.to.block ? record.to.index : resolved.block.rowCount
      if (resolved.offset > record.to.block || (resolved.offset === record.to.block && record.to.index === 0)) return
      for (let row = first; row < last; row++) {
        yield { source: resolved.block.source(row), isResolved: resolved.isResolved(row) }
      }
      at = { block: resolved.next, index: 0 }
      if (resolved.offset === record.to.block) return
    }
  }
}

const countLetters = async (id: string, state: StateReader): Promise<number> => {
  const seen = new Set<string>()
  let from: readonly (string | number)[] = [id]
  for (;;) {
    const page = await state.scan(deliveryState.dead, { prefix: [id], from, limit: 1000 })
    for (const { key } of page) seen.add(`${key[1]}:${key[2]}`)
    const last = page.at(-1)
    if (page.length < 1000 || last === undefined) return seen.size
    from = [...last.key, 0]
  }
}

const text = (cursor: Cursor): string => `${cursor.block}:${cursor.index}`
