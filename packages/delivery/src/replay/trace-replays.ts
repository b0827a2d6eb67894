import type { TraceStage } from '@millrace/protocol'
import { compareCursors } from '@millrace/storage'
import type { Cursor, StateReader } from '@millrace/storage'
import { consumerOf } from '../delivery-state.ts'
import { outcomeCodes } from '../outcome-code.ts'
import type { ResolvedFeed } from '../resolved-feed.ts'
import { outcomeAt, stagesOf } from '../trace-deliveries.ts'
import { failedRowsOf } from './failed-rows.ts'
import { accountOf, hasEnded, replayIdOf, storedReplays } from './replay-record.ts'
import { SelectedBlock, selectionOf } from './selected-block.ts'

/** What became of one row in each replay that it was selected for. */
export const traceReplays = async (state: StateReader, feed: ResolvedFeed, position: Cursor): Promise<TraceStage[]> => {
  const stages: TraceStage[] = []
  for (const { number, record } of await storedReplays(state)) {
    if (compareCursors(position, record.from) < 0 || compareCursors(position, record.end) >= 0) continue
    const { destination } = record
    const named = { destination, replay: replayIdOf(number) }
    const account = accountOf(number)
    const cursor = (await state.cursor(consumerOf(account))) ?? record.from
    if (compareCursors(position, cursor) < 0) {
      const kind = await outcomeAt(state, feed, account, position)
      if (kind === undefined || kind.code === outcomeCodes.notResolved) continue
      for (const stage of await stagesOf(state, account, position, kind)) stages.push({ ...stage, ...named })
    } else if (!hasEnded(record)) {
      const [whole] = await feed.read(position.block)
      if (whole?.offset !== position.block) continue
      const failed = await failedRowsOf(state, destination)([whole])
      const block = new SelectedBlock(whole, selectionOf(record), (row) => failed.has(`${whole.offset}:${row}`))
      if (block.isResolved(position.index)) stages.push({ stage: 'delivery', outcome: 'pending', ...named })
    }
  }
  return stages
}
