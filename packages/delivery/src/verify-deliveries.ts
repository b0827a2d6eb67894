import type { DestinationLedger, LedgerProblem } from '@millrace/protocol'
import { compareCursors } from '@millrace/storage'
import type { Cursor, Key, Offset, StateEntry, StateReader } from '@millrace/storage'
import { sumOf, total } from './delivery-ledger.ts'
import type { KnownDestination } from './delivery-ledger.ts'
import { counterPrefixesOf, countersOf, deliveryState } from './delivery-state.ts'
import { hasLetter, isDead, outcomeCodes, outcomeTerms } from './outcome-code.ts'
import { decodeLate } from './late-outcomes.ts'
import { kindOf, storedKind, worstOf } from './outcome-kind.ts'
import type { OutcomeKind } from './outcome-kind.ts'
import { decodeOutcomes } from './outcome-runs.ts'
import type { OutcomeCounts, OutcomeRecord } from './outcome-runs.ts'
import type { ResolvedFeed } from './resolved-feed.ts'

/** What is recounted: the account of a destination, or of a replay. */
export interface VerifiedAccount extends Pick<KnownDestination, 'id' | 'cursor'> {
  meta: Pick<KnownDestination['meta'], 'start'>
  /** How a problem names it. Default: the destination. */
  where?: string
  /** So many letters are kept at most, the first ones; what dies then is counted without one. */
  maxLetters?: number
}

/**
 * Recounts one destination from the log and its outcome records: the records must cover every row from its start to its
 * cursor without gap or overlap, agree with the resolve stage about which rows are messages, add up to the counters of
 * messages and of actions, say of each message the worst outcome of its actions. What became of a row later stands
 * beside its record and replaces what it says. Every dead delivery must have its letter, and every parked one, and no other, its
 * row. Of records whose rows retention removed, what they say themselves is taken.
 */
export const verifyDestination = async (
  { id, meta, cursor, where = `destination ${id}`, maxLetters = Number.POSITIVE_INFINITY }: VerifiedAccount,
  state: StateReader,
  feed: Pick<ResolvedFeed, 'read'>,
  tail: Offset,
  onMessages: (count: number) => void,
  signal: AbortSignal,
): Promise<LedgerProblem[]> => {
  const problems: LedgerProblem[] = []
  const problem = (message: string, counted?: number, recorded?: number): void => {
    if (problems.length < 100) {
      problems.push({
        where,
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
  const addCounts = ({ runs }: OutcomeRecord, counts: OutcomeCounts): void => {
    for (const [source, byKind] of counts) {
      for (const [kind, messages] of byKind) {
        for (const counter of countersOf(id, source, runs.kinds[kind] ?? NO_KIND)) add(counter, messages)
      }
    }
  }
  const letters = await namesIn(deliveryState.dead, id, state)
  const parked = await namesIn(deliveryState.parked, id, state)
  const late = await lateRows(id, state)
  /** What a row is now, by what its record says of it. */
  const check = (place: Cursor, kind: OutcomeKind): void => {
    for (const [action, each] of kind.actions) {
      const name = deliveryName(place, action)
      if (each === outcomeCodes.parked) {
        if (!parked.delete(name)) problem(`the message at ${text(place)} is parked at "${action}" and has no row there`)
      } else if (hasLetter(each) && !letters.has(name) && letters.size < maxLetters) {
        problem(`the message at ${text(place)} is dead at "${action}" and has no dead letter`)
      }
    }
  }
  for (const { place, source, from, to } of late.values()) {
    const wrong = contradictionIn(to)
    if (wrong !== undefined) problem(`the late outcome at ${text(place)} ${wrong}`)
    for (const counter of countersOf(id, source, from)) add(counter, -1)
    for (const counter of countersOf(id, source, to)) add(counter, 1)
    check(place, to)
  }
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
    for (const kind of record.runs.kinds) {
      const wrong = contradictionIn(kind)
      if (wrong !== undefined) problem(`${name} ${wrong}`)
    }
    if (record.from.block < tail) {
      addCounts(record, record.counts)
      continue
    }
    let row = 0
    const kinds = record.runs.rows()
    const recount = new Map<string, Map<number, number>>()
    for await (const { source, isResolved, place } of rowsOf(record, feed)) {
      const number = kinds.next().value
      if (number === undefined) {
        problem(`${name} has fewer rows than the log`)
        break
      }
      row++
      const { code, actions } = record.runs.kinds[number] ?? NO_KIND
      if (isResolved === (code === outcomeCodes.notResolved)) {
        problem(`row ${row - 1} of ${name} disagrees with the resolve stage`)
      }
      if (!isResolved) continue
      const ofSource = recount.get(source) ?? new Map<number, number>()
      recount.set(source, ofSource.set(number, (ofSource.get(number) ?? 0) + 1))
      const later = late.get(text(place))
      if (later === undefined) {
        check(place, { code, actions })
      } else if (JSON.stringify(storedKind(later.from)) !== JSON.stringify(storedKind({ code, actions }))) {
        problem(`the late outcome at ${text(place)} begins with another than its record says`)
      }
    }
    onMessages(row)
    if (record.runs.rowCount !== row) problem(`${name} has a wrong number of rows`, row, record.runs.rowCount)
    addCounts(record, recount)
    if (!saysTheSame(record.counts, recount)) problem(`${name} counts other messages than its rows`)
  }
  for (const name of parked) problem(`the parked delivery ${name} belongs to no message that is parked there`)
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

/**
 * The equation itself, for each source and destination, and what must hold between it and its actions: a message was at an
 * action once at most, and one that is dead at an action is dead, or parked for another.
 */
export const verifyEquation = (ledgers: readonly DestinationLedger[]): LedgerProblem[] =>
  ledgers.flatMap((ledger) => {
    const where = `${ledger.source} → ${ledger.destination}`
    const problems: LedgerProblem[] = []
    if (sumOf(ledger) !== ledger.resolved) {
      const message = 'resolved is not delivered + filtered + pending + dead'
      problems.push({ where, message, counted: sumOf(ledger), recorded: ledger.resolved })
    }
    const dead = total(ledger.dead) + ledger.pending.parked
    for (const [action, own] of Object.entries(ledger.actions)) {
      const ownDead = total(own.dead)
      if (ownDead > dead) {
        const message = `more messages are dead at "${action}" than are dead or parked`
        problems.push({ where, message, counted: dead, recorded: ownDead })
      }
      if (own.delivered + ownDead > ledger.delivered + dead) {
        const message = `more messages are settled at "${action}" than are delivered, dead or parked`
        problems.push({ where, message, counted: ledger.delivered + dead, recorded: own.delivered + ownDead })
      }
    }
    return problems
  })

/** Records begin where the account does, or, when the first ones were pruned, not after the oldest kept block. */
const mayBeFirst = (from: Cursor, start: Cursor, tail: Offset): boolean =>
  compareCursors(from, start) === 0 || (start.block < tail && from.block <= tail)

const saysTheSame = (counts: OutcomeCounts, recount: OutcomeCounts): boolean => {
  const listOf = (each: OutcomeCounts): string[] =>
    [...each].flatMap(([source, byKind]) => [...byKind].map((kind) => JSON.stringify([source, ...kind]))).sort()
  return listOf(counts).join() === listOf(recount).join()
}

/** Stands for a kind that a damaged record does not have: no counter of a message is like it. */
const NO_KIND: OutcomeKind = { code: outcomeCodes.pending, actions: [] }

/** What a kind says against itself; undefined when it is in order. */
const contradictionIn = ({ code, actions }: OutcomeKind): string | undefined => {
  const reasonOf = (each: number): string => outcomeTerms[each]?.reason ?? String(each)
  for (const [action, each] of actions) {
    const term = outcomeTerms[each]?.term
    if (term !== 'delivered' && term !== 'dead' && term !== 'parked')
      return `says ${reasonOf(each)} of action "${action}"`
  }
  if (actions.length === 0) {
    const needsAction = isDead(code) && code !== outcomeCodes.deadRemoved
    return needsAction ? `says dead(${reasonOf(code)}) and of no action` : undefined
  }
  const worst = worstOf(actions)
  return worst === code ? undefined : `says ${reasonOf(code)} where the worst of the actions is ${reasonOf(worst)}`
}

async function* outcomeRecords(id: string, state: StateReader): AsyncGenerator<OutcomeRecord> {
  for await (const { key, value } of entriesOf(deliveryState.outcomes, id, state)) {
    yield decodeOutcomes(placeIn(key), value)
  }
}

async function* rowsOf(
  record: OutcomeRecord,
  feed: Pick<ResolvedFeed, 'read'>,
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

/** The deliveries that have a row in a space. */
const namesIn = async (space: string, id: string, state: StateReader): Promise<Set<string>> => {
  const names = new Set<string>()
  for await (const { key } of entriesOf(space, id, state)) names.add(deliveryName(placeIn(key), key[3] as string))
  return names
}

interface LateOutcome {
  place: Cursor
  source: string
  from: OutcomeKind
  to: OutcomeKind
}

const lateRows = async (id: string, state: StateReader): Promise<ReadonlyMap<string, LateOutcome>> => {
  const rows = new Map<string, LateOutcome>()
  for await (const { key, value } of entriesOf(deliveryState.late, id, state)) {
    const { source, from, to } = decodeLate(value)
    const place = placeIn(key)
    rows.set(text(place), { place, source, from: kindOf(from), to: kindOf(to) })
  }
  return rows
}

async function* entriesOf(space: string, id: string, state: StateReader): AsyncGenerator<StateEntry> {
  let from: Key = [id]
  for (;;) {
    const page = await state.scan(space, { prefix: [id], from, limit: 1000 })
    yield* page
    const last = page.at(-1)
    if (page.length < 1000 || last === undefined) return
    from = [...last.key, 0]
  }
}

const placeIn = (key: Key): Cursor => ({ block: key[1] as number, index: key[2] as number })
const deliveryName = (place: Cursor, action: string): string => `${text(place)} ${action}`
const text = (cursor: Cursor): string => `${cursor.block}:${cursor.index}`
