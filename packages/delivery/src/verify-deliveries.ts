import type { DestinationLedger, LedgerProblem } from '@millrace/protocol'
import { compareCursors } from '@millrace/storage'
import type { Cursor, Offset, StateReader } from '@millrace/storage'
import { sumOf } from './delivery-ledger.ts'
import type { KnownDestination } from './delivery-ledger.ts'
import { counterOf, counterPrefixesOf, deliveryState } from './delivery-state.ts'
import { isDead, outcomeCodes } from './outcome-code.ts'
import { decodeOutcomes } from './outcome-runs.ts'
import type { OutcomeRecord } from './outcome-runs.ts'
import type { ResolvedFeed } from './resolved-feed.ts'

/**
 * Recounts one destination from the log and its outcome records: the records must cover every row from its start to its
 * cursor without gap or overlap, agree with the resolve stage about which rows are messages, add up to the counters, and
 * every dead message must have its letter. Of records whose rows retention removed, what they say themselves is taken.
 */
export const verifyDestination = async (
  { id, meta, cursor }: KnownDestination,
  state: StateReader,
  feed: ResolvedFeed,
  tail: Offset,
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
  const prefixes = counterPrefixesOf(id)
  const counted = new Map<string, number>()
  const add = (name: string, messages: number): void => void counted.set(name, (counted.get(name) ?? 0) + messages)
  for (const [name, messages] of await state.counters(prefixes.pruned)) {
    add(prefixes.all + name.slice(prefixes.pruned.length), messages)
  }
  const letters = await placesOfLetters(id, state)
  let at: Cursor | undefined
  for await (const record of outcomeRecords(id, state)) {
    signal.throwIfAborted()
    const name = `the outcome record at ${text(record.from)}`
    if (at !== undefined && compareCursors(record.from, at) !== 0) {
      problem(`${name} does not follow the one that ends at ${text(at)}`)
    } else if (at === undefined && !mayBeFirst(record.from, meta.start, tail)) {
      problem(`${name} is the first, but the account begins at ${text(meta.start)}`)
    }
    at = record.to
    if (record.from.block < tail) {
      for (const [source, byCode] of record.counts) {
        for (const [code, messages] of byCode) add(counterOf(id, source, code), messages)
      }
      continue
    }
    let row = 0
    const codes = record.runs.codes()
    const recount = new Map<string, number>()
    for await (const { source, isResolved, place } of rowsOf(record, feed)) {
      const code = codes.next().value
      if (code === undefined) {
        problem(`${name} has fewer rows than the log`)
        break
      }
      row++
      if (isResolved === (code === outcomeCodes.notResolved)) {
        problem(`row ${row - 1} of ${name} disagrees with the resolve stage`)
      }
      if (!isResolved) continue
      recount.set(counterOf(id, source, code), (recount.get(counterOf(id, source, code)) ?? 0) + 1)
      if (isDead(code) && code !== outcomeCodes.deadRemoved && !letters.has(text(place))) {
        problem(`the message at ${text(place)} is dead and has no dead letter`)
      }
    }
    onMessages(row)
    if (record.runs.rowCount !== row) problem(`${name} has a wrong number of rows`, row, record.runs.rowCount)
    for (const [counter, messages] of recount) add(counter, messages)
    if (!saysTheSame(id, record, recount)) problem(`${name} counts other messages than its rows`)
  }
  const end = at ?? meta.start
  if (compareCursors(end, cursor) !== 0 && !(at === undefined && mayBeFirst(cursor, meta.start, tail))) {
    problem(`its outcome records end at ${text(end)}, its cursor is at ${text(cursor)}`)
  }
  const recorded = await state.counters(prefixes.all)
  for (const name of new Set([...counted.keys(), ...recorded.keys()])) {
    const [fromLog, stored] = [counted.get(name) ?? 0, recorded.get(name) ?? 0]
    if (fromLog !== stored) problem(`the records and the counter ${name} differ`, fromLog, stored)
  }
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

/** Records begin where the account does, or, when the first ones were pruned, not after the oldest kept block. */
const mayBeFirst = (from: Cursor, start: Cursor, tail: Offset): boolean =>
  compareCursors(from, start) === 0 || (start.block < tail && from.block <= tail)

const saysTheSame = (id: string, { counts }: OutcomeRecord, recount: ReadonlyMap<string, number>): boolean => {
  let names = 0
  for (const [source, byCode] of counts) {
    for (const [code, messages] of byCode) {
      if (recount.get(counterOf(id, source, code)) !== messages) return false
      names++
    }
  }
  return names === recount.size
}

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
): AsyncGenerator<{ source: string; isResolved: boolean; place: Cursor }> {
  let at = record.from
  while (compareCursors(at, record.to) < 0) {
    const blocks = await feed.read(at.block)
    if (blocks.length === 0) return
    for (const resolved of blocks) {
      const first = resolved.offset === at.block ? at.index : 0
      const last = resolved.offset === record.to.block ? record.to.index : resolved.block.rowCount
      if (resolved.offset > record.to.block || (resolved.offset === record.to.block && record.to.index === 0)) return
      for (let row = first; row < last; row++) {
        const place = { block: resolved.offset, index: row }
        yield { source: resolved.block.source(row), isResolved: resolved.isResolved(row), place }
      }
      at = { block: resolved.next, index: 0 }
      if (resolved.offset === record.to.block) return
    }
  }
}

/** Rows that have a dead letter. */
const placesOfLetters = async (id: string, state: StateReader): Promise<ReadonlySet<string>> => {
  const seen = new Set<string>()
  let from: readonly (string | number)[] = [id]
  for (;;) {
    const page = await state.scan(deliveryState.dead, { prefix: [id], from, limit: 1000 })
    for (const { key } of page) seen.add(text({ block: key[1] as number, index: key[2] as number }))
    const last = page.at(-1)
    if (page.length < 1000 || last === undefined) return seen
    from = [...last.key, 0]
  }
}

const text = (cursor: Cursor): string => `${cursor.block}:${cursor.index}`
