import type { TraceStage } from '@millrace/protocol'
import { compareCursors } from '@millrace/storage'
import type { Cursor, StateReader } from '@millrace/storage'
import { knownDestinations } from './delivery-ledger.ts'
import { decodeDeadLetter, deliveryState } from './delivery-state.ts'
import type { DeadLetter } from './delivery-state.ts'
import { isDead, outcomeCodes, outcomeTerms } from './outcome-code.ts'
import type { OutcomeCode } from './outcome-code.ts'
import { decodeLate } from './late-outcomes.ts'
import { kindOf } from './outcome-kind.ts'
import type { OutcomeKind } from './outcome-kind.ts'
import { decodeParked } from './parked-delivery.ts'
import type { ParkedDelivery } from './parked-delivery.ts'
import { decodeOutcomes } from './outcome-runs.ts'
import type { ResolvedFeed } from './resolved-feed.ts'

/** What became of one row at each destination, and there at each action. Rows that never reached delivery have no stage here. */
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
    const late = await state.get(deliveryState.late, [id, position.block, position.index])
    const kind = late ? kindOf(decodeLate(late).to) : await outcomeAt(state, feed, id, position)
    if (kind === undefined) {
      const reason = 'its record was removed by retention'
      stages.push({ stage: 'delivery', destination: id, outcome: 'unknown', reason })
    } else {
      stages.push(...(await stagesOf(state, id, position, kind)))
    }
  }
  return stages
}

/** A duplicate waits for nothing. Of what is not resolved yet nobody knows. */
const mayBeDelivered = async (feed: ResolvedFeed, position: Cursor): Promise<boolean> => {
  const [resolved] = await feed.read(position.block)
  return resolved?.offset !== position.block || resolved.isResolved(position.index)
}

/** One stage for each action that the message was for; without actions one for the message, or none if it never got here. */
export const stagesOf = async (
  state: StateReader,
  id: string,
  position: Cursor,
  { code, actions }: OutcomeKind,
): Promise<TraceStage[]> => {
  if (code === outcomeCodes.notResolved) return []
  if (actions.length === 0) return [stageOf(id, code)]
  const place = [id, position.block, position.index]
  const letters = new Map<string, DeadLetter>()
  const parked = new Map<string, ParkedDelivery>()
  if (actions.some(([, each]) => isDead(each))) {
    for (const { value } of await state.scan(deliveryState.dead, { prefix: place })) {
      const letter = decodeDeadLetter(value)
      letters.set(letter.action, letter)
    }
  }
  if (code === outcomeCodes.parked) {
    for (const { value } of await state.scan(deliveryState.parked, { prefix: place })) {
      const row = decodeParked(value)
      parked.set(row.action, row)
    }
  }
  return actions.map(([action, each]): TraceStage => {
    const stage = { ...stageOf(id, each), action }
    const row = each === outcomeCodes.parked ? parked.get(action) : undefined
    if (row !== undefined) return { ...stage, ...parkedStage(row) }
    const letter = isDead(each) ? letters.get(action) : undefined
    if (letter === undefined) return stage
    const { at, reason, attempts } = letter
    return { ...stage, at, reason, detail: { code: letter.code, message: letter.detail, attempts } }
  })
}

/** Of a parked delivery: the last failure and the next attempt, or that it waits behind another. */
const parkedStage = (row: ParkedDelivery): Pick<TraceStage, 'at' | 'detail'> => ({
  at: new Date(row.parkedMs).toISOString(),
  detail: {
    attempts: row.attempts,
    ...(row.failure && { code: row.failure.code, message: row.failure.message }),
    ...(row.nextAttemptMs > 0
      ? { nextAttemptAt: new Date(row.nextAttemptMs).toISOString() }
      : { waits: 'for an earlier message of the same person' }),
    ...(row.overtaken && { overtaken: true }),
    ...(row.redrivenAt !== undefined && { redrivenAt: row.redrivenAt }),
  },
})

const stageOf = (destination: string, code: OutcomeCode): TraceStage => {
  const { term, reason } = outcomeTerms[code] ?? { term: 'unknown', reason: String(code) }
  if (term === 'parked') return { stage: 'delivery', destination, outcome: 'pending', reason }
  return { stage: 'delivery', destination, outcome: term, ...(term !== 'delivered' && { reason }) }
}

/** What the record of a row says; undefined when it cannot be told, because retention removed it or the log before it. */
export const outcomeAt = async (
  state: StateReader,
  feed: Pick<ResolvedFeed, 'read'>,
  id: string,
  position: Cursor,
): Promise<OutcomeKind | undefined> => {
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
