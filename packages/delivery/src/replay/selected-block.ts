import type { Message, ReplayFilter } from '@millrace/protocol'
import { compareCursors } from '@millrace/storage'
import type { Cursor } from '@millrace/storage'
import { ResolvedBlock } from '../resolved-block.ts'
import type { ReplayRecord } from './replay-record.ts'

/** Which rows of the log a replay is for. */
export interface Selection extends ReplayFilter {
  /** Time of receipt, milliseconds since 1970. */
  fromMs: number
  /** Exclusive. */
  toMs: number
  /** The place of the first row that is not looked at any more. */
  end: Cursor
}

export const selectionOf = ({ filter, fromTime, toTime, end }: ReplayRecord): Selection => ({
  ...filter,
  fromMs: Date.parse(fromTime),
  toMs: Date.parse(toTime),
  end,
})

/**
 * A block in which the rows that a replay is not for count as if they had never been resolved: so all that is built for
 * destinations (match, window, outcome records, recount) holds for a replay as it is.
 */
export class SelectedBlock extends ResolvedBlock {
  readonly #whole: ResolvedBlock
  readonly #selected: Uint8Array
  #bySource: Uint32Array | undefined

  /** @param isFailed With `failedOnly`: whether the delivery of a row has failed. */
  constructor(whole: ResolvedBlock, selection: Selection, isFailed: (row: number) => boolean) {
    super(whole.offset, whole.next, whole.block.bytes, whole.record)
    this.#whole = whole
    this.#selected = selectRows(whole, selection, isFailed)
  }

  override get isWholly(): boolean {
    return false
  }

  override isResolved(index: number): boolean {
    return this.#selected[index] === 1
  }

  override message(index: number): Message {
    return this.#whole.message(index)
  }

  override get resolvedPerSource(): Uint32Array {
    if (this.#bySource === undefined) {
      this.#bySource = new Uint32Array(this.block.dictionary.sources.length)
      for (let row = 0; row < this.#selected.length; row++) {
        if (this.#selected[row] !== 1) continue
        const source = this.block.sourceIndex(row)
        this.#bySource[source] = (this.#bySource[source] as number) + 1
      }
    }
    return this.#bySource
  }
}

/** 1 for each row that is selected. Decided from the envelopes alone. */
const selectRows = (
  whole: ResolvedBlock,
  { fromMs, toMs, end, source, event, user, failedOnly }: Selection,
  isFailed: (row: number) => boolean,
): Uint8Array => {
  const { block, offset } = whole
  const selected = new Uint8Array(block.rowCount)
  const { sources, events } = block.dictionary
  if (source !== undefined && !sources.includes(source)) return selected
  if (event !== undefined && !events.includes(event)) return selected
  for (let row = 0; row < selected.length; row++) {
    if (!whole.isResolved(row)) continue
    if (compareCursors({ block: offset, index: row }, end) >= 0) break
    const receivedAtMs = block.receivedAtMs(row)
    if (receivedAtMs < fromMs || receivedAtMs >= toMs) continue
    if (source !== undefined && block.source(row) !== source) continue
    if (event !== undefined && block.event(row) !== event) continue
    if (failedOnly === true && !isFailed(row)) continue
    if (user !== undefined) {
      const { userId, anonymousId } = block.envelope(row)
      if (userId !== user && anonymousId !== user) continue
    }
    selected[row] = 1
  }
  return selected
}
