import type { Cursor } from '@millrace/storage'
import { decodeJson } from './delivery-state.ts'
import { outcomeCodes } from './outcome-code.ts'
import type { OutcomeCode } from './outcome-code.ts'
import { withOutcome } from './outcome-kind.ts'
import type { OutcomeKind, StoredKind } from './outcome-kind.ts'

/**
 * What became of a row after its outcome record was written: a record covers thousands of rows and is never written again, so
 * a row that ends later, or is redriven, has an exception beside it.
 */
export interface LateRow {
  source: string
  /** What the record says; of a record that retention removed, what the pruned counters hold. */
  from: StoredKind
  /** What is so now. */
  to: StoredKind
}

/** One step of one row, to be committed: from the counters of one kind to those of another. */
export interface LateChange {
  place: Cursor
  source: string
  from: OutcomeKind
  before: OutcomeKind
  after: OutcomeKind
}

export const decodeLate = (bytes: Uint8Array): LateRow => decodeJson(bytes) as LateRow

/** The rows of one destination that have a parked action, or had one until the last commit, and what is to be committed of them. */
export class LateOutcomes {
  readonly #open = new Map<string, { place: Cursor; source: string; from: OutcomeKind; now: OutcomeKind }>()
  #changes: LateChange[] = []

  get isEmpty(): boolean {
    return this.#changes.length === 0
  }

  /** A row of which an action is parked, as it is stored. */
  open(place: Cursor, source: string, from: OutcomeKind, now: OutcomeKind = from): void {
    const name = nameOf(place)
    if (!this.#open.has(name)) this.#open.set(name, { place, source, from, now })
  }

  /** An action has another outcome: a parked one its own, a dead one that it is parked again. Returns whether it was the last one of the row. */
  settle(place: Cursor, action: string, code: OutcomeCode): boolean {
    const name = nameOf(place)
    const row = this.#open.get(name)
    if (row === undefined) throw new Error(`the row at ${name} has no parked action, so "${action}" cannot end there`)
    const before = row.now
    row.now = withOutcome(before, action, code)
    this.#changes.push({ place: row.place, source: row.source, from: row.from, before, after: row.now })
    return row.now.code !== outcomeCodes.parked
  }

  /** What was taken is stored: rows that have ended are known from there on. */
  stored(changes: readonly LateChange[]): void {
    for (const { place } of changes) {
      const name = nameOf(place)
      if (this.#open.get(name)?.now.code !== outcomeCodes.parked) this.#open.delete(name)
    }
  }

  take(): LateChange[] {
    const changes = this.#changes
    this.#changes = []
    return changes
  }
}

const nameOf = ({ block, index }: Cursor): string => `${block}:${index}`
