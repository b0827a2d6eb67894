import type { Cursor, Offset } from '@millrace/storage'
import type { ResolvedBlock } from '../resolved-block.ts'
import type { ResolvedFeed } from '../resolved-feed.ts'
import { SelectedBlock } from './selected-block.ts'
import type { Selection } from './selected-block.ts'

/** What a runner needs of the log. */
export type FeedReader = Pick<ResolvedFeed, 'read' | 'waitFor' | 'message'>

/** The rows of some blocks whose delivery has failed at the replay's destination, as `block:index`. */
export type FailedRows = (blocks: readonly ResolvedBlock[]) => Promise<ReadonlySet<string>>

export interface RangeFeedOptions {
  feed: FeedReader
  selection: Selection
  failedRows: FailedRows
  /** Resolves when more may be read; early is harmless. */
  turn?: () => Promise<void>
  /** Called when there is nothing after what was read. */
  ended?: () => void
}

/** The part of the log that a replay is for. Past its end there is nothing and never will be. */
export class RangeFeed implements FeedReader {
  readonly #options: RangeFeedOptions
  #endedAt: Offset | undefined

  constructor(options: RangeFeedOptions) {
    this.#options = options
  }

  async read(from: Offset): Promise<readonly ResolvedBlock[]> {
    const { feed, selection, failedRows, turn } = this.#options
    if (!this.#isBeforeEnd(from)) return []
    await turn?.()
    const found = await feed.read(from)
    const blocks = found.filter(({ offset }) => this.#isBeforeEnd(offset))
    // The log has removed the rest of the range.
    if (blocks.length === 0 && found.length > 0) this.#endedAt = from
    const failed = selection.failedOnly === true ? await failedRows(blocks) : undefined
    return blocks.map(
      (block) => new SelectedBlock(block, selection, (row) => failed?.has(`${block.offset}:${row}`) === true),
    )
  }

  message(place: Cursor): ReturnType<FeedReader['message']> {
    return this.#options.feed.message(place)
  }

  async waitFor(from: Offset, signal: AbortSignal): Promise<void> {
    if (this.#isBeforeEnd(from)) return this.#options.feed.waitFor(from, signal)
    this.#options.ended?.()
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  }

  #isBeforeEnd(offset: Offset): boolean {
    if (this.#endedAt !== undefined && offset >= this.#endedAt) return false
    const { block, index } = this.#options.selection.end
    return offset < block || (offset === block && index > 0)
  }
}
