import type { Cursor } from '@millrace/storage'
import { outcomeCodes, worse } from './outcome-code.ts'
import type { OutcomeCode } from './outcome-code.ts'
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
  /** One code per row, or a single one for all. */
  readonly codes: Uint8Array | OutcomeCode
  /** Actions that still have to report, per row; only for rows that were sent to more than one. */
  actionsLeft?: Map<number, number>
  /** The first row that is not yet committed. */
  committed: number
}

/** What may be committed: rows `from` to `to`, with their outcomes. */
export interface Settled {
  from: Cursor
  to: Cursor
  runs: OutcomeRuns
  /** Messages by source and code. */
  counts: Map<string, Map<OutcomeCode, number>>
}

export class DeliveryWindow {
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

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /** Adds a block all of whose rows have the same outcome. */
  addWhole(resolved: ResolvedBlock, code: OutcomeCode): void {
    const firstRow = this.#firstRowOf(resolved)
    this.#entries.push({ resolved, firstRow, codes: code, committed: firstRow })
    this.bytes += resolved.block.bytes.length
    this.settledRows += resolved.block.rowCount - firstRow
  }

  /** Adds a block with a code for each row; rows with code `pending` are to be settled later. */
  addRows(resolved: ResolvedBlock, codes: Uint8Array): WindowEntry {
    const firstRow = this.#firstRowOf(resolved)
    const entry: WindowEntry = { resolved, firstRow, codes, committed: firstRow }
    this.#entries.push(entry)
    this.bytes += resolved.block.bytes.length
    for (let row = firstRow; row < codes.length; row++) {
      if (codes[row] === outcomeCodes.pending) this.inFlight++
      else this.settledRows++
    }
    return entry
  }

  /** The row of a block at which a run that begins with this window starts. */
  #firstRowOf(resolved: ResolvedBlock): number {
    return this.#entries.length === 0 && resolved.offset === this.#cursor.block ? this.#cursor.index : 0
  }

  /** Reports the final outcome of one action for one row. */
  settle(entry: WindowEntry, row: number, code: OutcomeCode): void {
    const codes = entry.codes as Uint8Array
    const left = entry.actionsLeft?.get(row)
    if (left !== undefined) {
      const [actions, worst] = unpack(left)
      const combined = worst === outcomeCodes.pending ? code : worse(worst, code)
      if (actions > 1) {
        entry.actionsLeft?.set(row, pack(actions - 1, combined))
        return
      }
      entry.actionsLeft?.delete(row)
      codes[row] = combined
    } else {
      codes[row] = code
    }
    this.inFlight--
    this.settledRows++
  }

  /** Says that a row was handed to several actions. */
  expect(entry: WindowEntry, row: number, actions: number): void {
    if (actions < 2) return
    entry.actionsLeft ??= new Map()
    entry.actionsLeft.set(row, pack(actions, outcomeCodes.pending))
  }

  /** Takes the settled rows at the front out of the window; undefined when there is none. */
  take(): Settled | undefined {
    const from = this.#cursor
    const runs = new OutcomeRuns()
    const counts: Settled['counts'] = new Map()
    let done = 0
    for (const entry of this.#entries) {
      const { resolved } = entry
      const end = entry.codes instanceof Uint8Array ? settledEnd(entry.codes, entry.committed) : resolved.block.rowCount
      count(counts, entry, end)
      for (let row = entry.committed; row < end;) {
        const code = codeAt(entry, row)
        let next = entry.codes instanceof Uint8Array ? row + 1 : end
        while (next < end && codeAt(entry, next) === code) next++
        runs.add(code, next - row)
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

const codeAt = (entry: WindowEntry, row: number): OutcomeCode =>
  entry.codes instanceof Uint8Array ? (entry.codes[row] as OutcomeCode) : entry.codes

const settledEnd = (codes: Uint8Array, from: number): number => {
  const pending = codes.indexOf(outcomeCodes.pending, from)
  return pending === -1 ? codes.length : pending
}

const count = (counts: Settled['counts'], entry: WindowEntry, end: number): void => {
  const { resolved } = entry
  const { sources } = resolved.block.dictionary
  const add = (source: string, code: OutcomeCode, messages: number): void => {
    let byCode = counts.get(source)
    if (byCode === undefined) counts.set(source, (byCode = new Map()))
    byCode.set(code, (byCode.get(code) ?? 0) + messages)
  }
  if (!(entry.codes instanceof Uint8Array) && entry.committed === 0) {
    for (const [at, messages] of resolved.resolvedPerSource.entries()) {
      if (messages > 0) add(sources[at] as string, entry.codes, messages)
    }
    return
  }
  for (let row = entry.committed; row < end; row++) {
    const code = codeAt(entry, row)
    if (code !== outcomeCodes.notResolved) add(resolved.block.source(row), code, 1)
  }
}

const pack = (actions: number, worst: OutcomeCode): number => actions * 256 + worst
const unpack = (packed: number): [number, OutcomeCode] => [Math.floor(packed / 256), (packed % 256) as OutcomeCode]
