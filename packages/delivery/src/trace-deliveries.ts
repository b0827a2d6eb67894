import type { TraceStage } from '@millrace/protocol'
import { compareCursors } from '@millrace/storage'
import type { Cursor, StateReader } from '@millrace/storage'
import { knownDestinations } from './delivery-ledger.ts'
import { decodeDeadLetter, deliveryState } from './delivery-state.ts'
import { outcomeCodes, outcomeTerms } from './outcome-code.ts'
import { decodeOutcomes } from './outcome-runs.ts'
import type { ResolvedFeed } from './resolved-feed.ts'

/** What became of one row at each destination. Rows that never reached delivery have no stage here. */
export const traceDeliveries = async (
  state: StateReader,
  feed: ResolvedFeed,
  position: Cursor,
): Promise<TraceStage[]> => {
  const stages: TraceStage[] = []
  for (const { id, meta, cursor } of await knownDestinations(state)) {
    if (compareCursors(position, meta.start) < 0) continue
    if (compareCursors(position, cursor) >= 0) {
      if (meta.removedAt === undefined && (await mayBeDelivered(feed, position)))
        stages.push({ stage: 'delivery', destination: id, outcome: 'pending' })
      continue
    }
    const code = await outcomeAt(state, feed, id, position)
    if (code === outcomeCodes.notResolved) continue
    const term = code === undefined ? undefined : outcomeTerms[code]
    if (term === undefined || term.term === 'none') {
      stages.push({
        stage: 'delivery',
        destination: id,
        outcome: 'unknown',
        reason: 'its record was removed by retention',
      })
    } else if (term.term !== 'dead') {
      const reason = term.term === 'filtered' ? { reason: term.reason } : {}
      stages.push({ stage: 'delivery', destination: id, outcome: term.term, ...reason })
    } else {
      stages.push(...(await deadStages(state, id, position, term.reason)))
    }
  }
  return stages
}

/** A duplicate waits for nothing. Of what is not resolved yet nobody knows. */
const mayBeDelivered = async (feed: ResolvedFeed, position: Cursor): Promise<boolean> => {
  const [resolved] = await feed.read(position.block)
  return resolved?.offset !== position.block || resolved.isResolved(position.index)
}

/** Stages of a dead message: one for each action that failed. */
const deadStages = async (state: StateReader, id: string, position: Cursor, reason: string): Promise<TraceStage[]> => {
  const letters = await state.scan(deliveryState.dead, { prefix: [id, position.block, position.index] })
  if (letters.length === 0) return [{ stage: 'delivery', destination: id, outcome: 'dead', reason }]
  return letters.map(({ value }) => {
    const letter = decodeDeadLetter(value)
    return {
      stage: 'delivery',
      destination: id,
      action: letter.action,
      at: letter.at,
      outcome: 'dead',
      reason: letter.reason,
      detail: { code: letter.code, message: letter.detail, attempts: letter.attempts },
    }
  })
}

const outcomeAt = async (
  state: StateReader,
  feed: ResolvedFeed,
  id: string,
  position: Cursor,
): Promise<number | undefined> => {
  const entry = await state.floor(deliveryState.outcomes, [id, position.block, position.index])
  if (entry?.key[0] !== id) return undefined
  const record = decodeOutcomes({ block: entry.key[1] as number, index: entry.key[2] as number }, entry.value)
  if (compareCursors(position, record.to) >= 0) return undefined
  let distance = 0
  let at = record.from
  while (at.block < position.block) {
    const blocks = await feed.read(at.block)
    // Retention removed the record's first rows: where this one stands in it cannot be counted any more.
    if (blocks[0]?.offset !== at.block) return undefined
    for (const { offset, next, block } of blocks) {
      if (offset >= position.block) break
      distance += block.rowCount - (offset === record.from.block ? record.from.index : 0)
      at = { block: next, index: 0 }
    }
  }
  const first = record.from.block === position.block ? record.from.index : 0
  return record.runs.at(distance + position.index - first)
}
