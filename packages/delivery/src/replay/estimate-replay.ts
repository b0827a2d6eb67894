import type { Message } from '@millrace/protocol'
import type { Cursor, Offset } from '@millrace/storage'
import type { Clock } from '../clock.ts'
import type { CompiledAction } from '../destination-config.ts'
import type { Matcher } from '../match.ts'
import type { ResolvedBlock } from '../resolved-block.ts'
import type { FailedRows, FeedReader } from './range-feed.ts'
import { SelectedBlock } from './selected-block.ts'
import type { Selection } from './selected-block.ts'

export interface EstimateOptions {
  feed: Pick<FeedReader, 'read'>
  /** The offset of the block that lies at a place of the log. */
  blockAt: (place: Offset) => Promise<Offset>
  from: Cursor
  selection: Selection
  failedRows: FailedRows
  matcher: Matcher<CompiledAction>
  /** How many messages are wanted as samples. */
  samples: number
  /** No part of the log is begun after this time, in milliseconds. */
  budgetMs: number
  /** Default 1 MiB. */
  sliceBytes?: number
  clock: Pick<Clock, 'now'>
}

export interface ReplaySample {
  source: string
  message: Message
}

export interface CountedReplay {
  messages: number
  selected: number
  matching: number
  sampled: boolean
  /** Messages that match; when none does, some that are selected. */
  samples: ReplaySample[]
}

/**
 * Counts what a replay would send, in bounded time. The range is cut into slices; when there are too many of them to read all, those that are
 * read are spread evenly, and the rest is taken to be like them.
 */
export const estimateReplay = async (options: EstimateOptions): Promise<CountedReplay> => {
  const { from, selection, budgetMs, sliceBytes = 1024 * 1024, clock } = options
  const bytes = selection.end.block - from.block + (selection.end.index > 0 ? 1 : 0)
  const slices = Math.ceil(Math.max(0, bytes) / sliceBytes)
  const counted = { messages: 0, selected: 0, matching: 0 }
  const found: Found = { matching: [], selected: [] }
  const startedMs = clock.now()
  let done = 0
  for (const slice of spread(slices)) {
    if (done > 0 && clock.now() - startedMs > budgetMs) break
    for (const block of await blocksOf(slice, options, sliceBytes)) await countBlock(block, options, counted, found)
    done++
  }
  const scale = done === 0 ? 1 : slices / done
  const samples = found.matching.length > 0 ? found.matching : found.selected
  return {
    messages: Math.round(counted.messages * scale),
    selected: Math.round(counted.selected * scale),
    matching: Math.round(counted.matching * scale),
    sampled: done < slices,
    samples,
  }
}

interface Found {
  matching: ReplaySample[]
  selected: ReplaySample[]
}

/** 0 to `count` − 1, each once, in an order whose every beginning is spread over the whole. */
export function* spread(count: number): Generator<number, void, undefined> {
  // A step that has no divisor in common with the count comes to each number once; near the golden section it spreads best.
  let step = Math.max(1, Math.round(count * 0.618))
  while (divisorOf(step, count) !== 1) step++
  for (let at = 0, index = 0; index < count; index++, at = (at + step) % count) yield at
}

const divisorOf = (a: number, b: number): number => (b === 0 ? a : divisorOf(b, a % b))

/** The blocks that begin in a slice; each block begins in one. */
const blocksOf = async (
  slice: number,
  { feed, blockAt, from, selection }: EstimateOptions,
  sliceBytes: number,
): Promise<ResolvedBlock[]> => {
  const start = from.block + slice * sliceBytes
  const end = Math.min(start + sliceBytes, selection.end.block + (selection.end.index > 0 ? 1 : 0))
  const blocks: ResolvedBlock[] = []
  for (let at = slice === 0 ? start : await blockAt(start); at < end;) {
    const read = await feed.read(at)
    for (const block of read) if (block.offset >= start && block.offset < end) blocks.push(block)
    const last = read.at(-1)
    if (last === undefined) break
    at = last.next
  }
  return blocks
}

const countBlock = async (
  block: ResolvedBlock,
  { selection, failedRows, matcher, samples }: EstimateOptions,
  counted: { messages: number; selected: number; matching: number },
  found: Found,
): Promise<void> => {
  const { fromMs, toMs, end } = selection
  const inTime = new SelectedBlock(block, { fromMs, toMs, end }, () => false)
  const failed = selection.failedOnly === true ? await failedRows([block]) : undefined
  const selected = new SelectedBlock(block, selection, (row) => failed?.has(`${block.offset}:${row}`) === true)
  for (let row = 0; row < block.block.rowCount; row++) {
    if (inTime.isResolved(row)) counted.messages++
    if (!selected.isResolved(row)) continue
    counted.selected++
    const isMatching = 'actions' in matcher.match(selected, row)
    if (isMatching) counted.matching++
    const list = isMatching ? found.matching : found.selected
    if (list.length < samples) list.push({ source: block.block.source(row), message: block.message(row) })
  }
}
