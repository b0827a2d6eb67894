import type { Cursor, Offset } from '@millrace/storage'
import type { Match } from './match.ts'
import { outcomeCodes } from './outcome-code.ts'
import type { OutcomeCode } from './outcome-code.ts'
import { OutcomeKinds } from './outcome-kind.ts'
import { OutcomeRuns } from './outcome-runs.ts'
import type { ResolvedBlock } from './resolved-block.ts'

/**
 * The rows that a destination has looked at and not yet committed, in order of the log. A row is settled when its outcome
 * is final; the cursor may pass the settled rows at the front, and stands at the first row that is not. So a restart
 * sends again only what was in flight and what was settled behind it.
 */
export interface WindowEntry {
  readonly resolved: ResolvedBlock
  /** The first row that belongs to this window; rows before it were settled in an earlier run. */
  readonly firstRow: number
  /** The kind of each row, by its number in the window's kinds, or a single code for all. */
  readonly kinds: Uint32Array | OutcomeCode
  /**
   * How many actions still have to report, and the kind of what was reported, packed into one number per row; only for rows
   * that were sent to more than one.
   */
  partial?: Map<number, number>
  /** The first row that is not yet committed. */
  committed: number
}

/** What may be committed: rows `from` to `to`, with their outcomes. */
export interface Settled {
  from: Cursor
  to: Cursor
  runs: OutcomeRuns
  /** Messages by source and kind. */
  counts: Map<string, Map<number, number>>
}

export class DeliveryWindow {
  readonly kinds = new OutcomeKinds()
  #entries: WindowEntry[] = []
  #cursor: Cursor
  /** Messages that are sent or wait to be sent. */
  inFlight = 0
  /** Bytes of the blocks that are held. */
  bytes = 0
  /** Rows that were settled since the last `take`; some may stand behind an unsettled one. */
  settledRows = 0

  constructor(cursor: Cursor) {
    this.#cursor = cursor
  }

  /** The first row that was not added. */
  get end(): Cursor {
    const last = this.#entries.at(-1)
    return last === undefined ? this.#cursor : { block: last.resolved.next, index: 0 }
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /** Adds a block all of whose rows have the same outcome. */
  addWhole(resolved: ResolvedBlock, code: OutcomeCode): void {
    const firstRow = this.#firstRowOf(resolved)
    this.#entries.push({ resolved, firstRow, kinds: code, committed: firstRow })
    this.bytes += resolved.block.bytes.length
    this.settledRows += resolved.block.rowCount - firstRow
  }

  /** Adds a block with a kind for each row; rows whose kind is the bare code `pending` are to be settled later. */
  addRows(resolved: ResolvedBlock, kinds: Uint32Array): WindowEntry {
    const firstRow = this.#firstRowOf(resolved)
    const entry: WindowEntry = { resolved, firstRow, kinds, committed: firstRow }
    this.#entries.push(entry)
    this.bytes += resolved.block.bytes.length
    for (let row = firstRow; row < kinds.length; row++) {
      if (kinds[row] === outcomeCodes.pending) this.inFlight++
      else this.settledRows++
    }
    return entry
  }

  /** The row of a block at which a run that begins with this window starts. */
  #firstRowOf(resolved: ResolvedBlock): number {
    return this.#entries.length === 0 && resolved.offset === this.#cursor.block ? this.#cursor.index : 0
  }

  /** Reports the final outcome of one action for one row. */
  settle(entry: WindowEntry, row: number, action: string, code: OutcomeCode): void {
    const kinds = entry.kinds as Uint32Array
    const packed = entry.partial?.get(row)
    if (packed === undefined) {
      kinds[row] = this.kinds.with(outcomeCodes.pending, action, code)
    } else {
      const left = (packed % MAX_ACTIONS) - 1
      const kind = this.kinds.with(Math.floor(packed / MAX_ACTIONS), action, code)
      if (left > 0) {
        entry.partial?.set(row, kind * MAX_ACTIONS + left)
        return
      }
      entry.partial?.delete(row)
      kinds[row] = kind
    }
    this.inFlight--
    this.settledRows++
  }

  /**
   * Settles what is pending in the blocks before `before` at every action that has not reported, without waiting for those
   * who still hold it: they must not report any more.
   * @param match What the row is for, by the configuration in force.
   */
  giveUp(
    before: Offset,
    match: (resolved: ResolvedBlock, row: number) => Match<{ readonly name: string }>,
    code: OutcomeCode,
  ): void {
    for (const entry of this.#entries) {
      const { resolved, kinds } = entry
      if (resolved.offset >= before) return
      if (typeof kinds === 'number') continue
      for (let row = entry.committed; row < kinds.length; row++) {
        if (kinds[row] !== outcomeCodes.pending) continue
        const kind = Math.floor((entry.partial?.get(row) ?? 0) / MAX_ACTIONS)
        const reported = new Set(this.kinds.list[kind]?.actions.map(([action]) => action))
        const found = match(resolved, row)
        const left = 'code' in found ? [] : found.actions.filter(({ name }) => !reported.has(name))
        // Since it was handed out the configuration may have changed, and it is for nothing any more.
        const none = 'code' in found && kind === outcomeCodes.pending ? found.code : kind
        kinds[row] = left.reduce((known, { name }) => this.kinds.with(known, name, code), none)
        entry.partial?.delete(row)
        this.inFlight--
        this.settledRows++
      }
    }
  }

  /** Says that a row was handed to several actions. */
  expect(entry: WindowEntry, row: number, actions: number): void {
    if (actions < 2) return
    entry.partial ??= new Map()
    entry.partial.set(row, outcomeCodes.pending * MAX_ACTIONS + actions)
  }

  /** Takes the settled rows at the front out of the window; undefined when there is none. */
  take(): Settled | undefined {
    const from = this.#cursor
    const runs = new OutcomeRuns(this.kinds.list)
    const counts: Settled['counts'] = new Map()
    let done = 0
    for (const entry of this.#entries) {
      const { resolved } = entry
      const { kinds } = entry
      const end = typeof kinds === 'number' ? resolved.block.rowCount : settledEnd(kinds, entry.committed)
      for (let row = entry.committed; row < end;) {
        let next = end
        let kind: number
        if (typeof kinds === 'number') {
          kind = kinds
        } else {
          kind = kinds[row] as number
          next = row + 1
          while (next < end && kinds[next] === kind) next++
        }
        runs.add(kind, next - row)
        if (kind !== outcomeCodes.notResolved) count(counts, resolved, kind, row, next)
        row = next
      }
      entry.committed = end
      if (end < resolved.block.rowCount) {
        this.#cursor = { block: resolved.offset, index: end }
        break
      }
      this.#cursor = { block: resolved.next, index: 0 }
      this.bytes -= resolved.block.bytes.length
      done++
    }
    if (done > 0) this.#entries = this.#entries.slice(done)
    const rows = runs.rowCount
    this.settledRows -= rows
    const moved = rows > 0 || done > 0
    return moved ? { from, to: this.#cursor, runs, counts } : undefined
  }
}

/** More mappings than a workspace document has room for. */
const MAX_ACTIONS = 0x10_0000

const settledEnd = (kinds: Uint32Array, from: number): number => {
  const pending = kinds.indexOf(outcomeCodes.pending, from)
  return pending === -1 ? kinds.length : pending
}

/** Counts a run of messages by their sources. */
const count = (counts: Settled['counts'], resolved: ResolvedBlock, kind: number, from: number, to: number): void => {
  const { block } = resolved
  const { sources } = block.dictionary
  const add = (source: string, messages: number): void => {
    let byKind = counts.get(source)
    if (byKind === undefined) counts.set(source, (byKind = new Map()))
    byKind.set(kind, (byKind.get(kind) ?? 0) + messages)
  }
  if (sources.length === 1) {
    add(sources[0] as string, to - from)
  } else if (to - from === block.rowCount) {
    for (const [at, messages] of resolved.resolvedPerSource.entries()) {
      if (messages > 0) add(sources[at] as string, messages)
    }
  } else {
    for (let row = from; row < to; row++) add(block.source(row), 1)
  }
}
