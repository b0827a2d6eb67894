import type { ReplayCounts, ReplayStatus } from '@millrace/protocol'
import { compareCursors } from '@millrace/storage'
import type { Cursor, StateReader } from '@millrace/storage'
import { consumerOf, counterPrefixesOf, partsOfCounter } from '../delivery-state.ts'
import { oldestNeeded } from '../oldest-needed.ts'
import { outcomeTerms } from '../outcome-code.ts'
import { accountOf, hasEnded, replayIdOf, storedReplays } from './replay-record.ts'
import type { StoredReplay } from './replay-record.ts'

/** Every replay that is remembered, with its account as it was committed last; the newest last. */
export const readReplays = async (state: StateReader): Promise<ReplayStatus[]> => {
  const statuses: ReplayStatus[] = []
  for (const stored of await storedReplays(state)) statuses.push(await replayStatus(state, stored))
  return statuses
}

/**
 * The account of a replay: `selected = delivered + filtered + failed + pending`. What is settled comes from the counters that
 * were committed with the cursor. How much the cursor has still before it is known from the estimate only, until it is at the end.
 */
export const replayStatus = async (state: StateReader, { number, record }: StoredReplay): Promise<ReplayStatus> => {
  const account = accountOf(number)
  const cursor = (await state.cursor(consumerOf(account))) ?? record.from
  const settled = await settledOf(state, account)
  const isThrough = compareCursors(cursor, record.end) >= 0
  const waiting = isThrough ? 0 : Math.max(0, record.estimate.selected - settled.total)
  const pending = settled.parked + waiting
  const counts: ReplayCounts = {
    selected: settled.total + pending,
    delivered: settled.delivered,
    filtered: settled.filtered,
    failed: settled.failed,
    pending,
    exact: isThrough,
  }
  const { from, end } = record
  const share = end.block > from.block ? (cursor.block - from.block) / (end.block - from.block) : 1
  const { destination, createdAt, endedAt, reason, fromTime, toTime, filter, messagesPerSecond, newKeys } = record
  return {
    id: replayIdOf(number),
    destination,
    state: record.state,
    ...(reason !== undefined && { reason }),
    createdAt,
    ...(endedAt !== undefined && { endedAt }),
    from: fromTime,
    to: toTime,
    ...filter,
    ...(messagesPerSecond !== undefined && { messagesPerSecond }),
    ...(newKeys && { newKeys }),
    progress: isThrough ? 1 : Math.min(1, Math.max(0, share)),
    counts,
  }
}

/** Where a replay that has not ended stands; its destination's log must be kept from there. */
export const replayCursors = async (state: StateReader): Promise<{ id: string; cursor: Cursor }[]> => {
  const cursors: { id: string; cursor: Cursor }[] = []
  for (const { number, record } of await storedReplays(state)) {
    if (hasEnded(record)) continue
    const account = accountOf(number)
    const cursor = (await state.cursor(consumerOf(account))) ?? record.from
    cursors.push({ id: replayIdOf(number), cursor: await oldestNeeded(state, { id: account, cursor }, 0) })
  }
  return cursors
}

interface Settled {
  delivered: number
  filtered: Record<string, number>
  failed: Record<string, number>
  parked: number
  /** Delivered, filtered and failed. */
  total: number
}

const settledOf = async (state: StateReader, account: string): Promise<Settled> => {
  const settled: Settled = { delivered: 0, filtered: {}, failed: {}, parked: 0, total: 0 }
  for (const [name, count] of await state.counters(counterPrefixesOf(account).all)) {
    const { code, action } = partsOfCounter(name)
    if (action !== undefined || count === 0) continue
    const { term, reason } = outcomeTerms[code] ?? { term: 'none', reason: '' }
    if (term === 'none') continue
    if (term === 'delivered') settled.delivered += count
    else if (term === 'filtered') settled.filtered[reason] = (settled.filtered[reason] ?? 0) + count
    else if (term === 'dead') settled.failed[reason] = (settled.failed[reason] ?? 0) + count
    else settled.parked += count
    if (term === 'delivered' || term === 'filtered' || term === 'dead') settled.total += count
  }
  return settled
}
