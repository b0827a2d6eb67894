import type { Cursor, Offset, StateReader } from '@millrace/storage'
import { letterKey } from './dead/copy-store.ts'
import { decodeDeadLetter, deliveryState } from './delivery-state.ts'
import type { DeadLetter } from './delivery-state.ts'
import { decodeLate } from './late-outcomes.ts'
import { outcomeCodes, outcomeTerms } from './outcome-code.ts'
import type { OutcomeCode } from './outcome-code.ts'
import { kindOf } from './outcome-kind.ts'
import type { OutcomeKind } from './outcome-kind.ts'
import type { FeedReader } from './replay/range-feed.ts'
import { outcomeAt } from './trace-deliveries.ts'

/** Names a dead letter within its destination. */
export interface LetterPlace extends Cursor {
  /** The name of the mapping. */
  action: string
}

/** What a redrive did with the letters that it was given. */
export interface Redriven {
  redriven: LetterPlace[]
  skipped: (LetterPlace & { why: string })[]
}

/** A dead letter with what is known of its row. */
export interface Redrivable {
  place: LetterPlace
  letter: DeadLetter
  /** What the row's record says, or the pruned counters hold; and what is so now. */
  from: OutcomeKind
  now: OutcomeKind
}

/**
 * Reads dead letters that are to be redriven, in the order of the log, and says of the others why they are not.
 * @param tail The log has no message before it; then there must be a copy.
 */
export const readRedrivable = async (
  state: StateReader,
  destination: string,
  letters: readonly LetterPlace[],
  feed: Pick<FeedReader, 'read'>,
  tail: Offset,
): Promise<{ found: Redrivable[]; skipped: Redriven['skipped'] }> => {
  const found: Redrivable[] = []
  const skipped: Redriven['skipped'] = []
  const inOrder = [...letters].sort((one, other) => one.block - other.block || one.index - other.index)
  const seen = new Set<string>()
  for (const { block, index, action } of inOrder) {
    const place = { block, index, action }
    const key = letterKey(destination, place, action)
    const name = JSON.stringify(key)
    if (seen.has(name)) continue
    seen.add(name)
    const stored = await state.get(deliveryState.dead, key)
    if (stored === undefined) {
      const isParked = (await state.get(deliveryState.parked, key)) !== undefined
      skipped.push({ ...place, why: isParked ? 'it is on its way already' : 'it is not dead' })
      continue
    }
    const letter = decodeDeadLetter(stored)
    if (letter.copyBytes === undefined && block < tail) {
      skipped.push({ ...place, why: 'its message is gone: the log does not have it any more, and no copy was kept' })
      continue
    }
    found.push({ place, letter, ...(await kindsOf(state, destination, place, letter, feed)) })
  }
  return { found, skipped }
}

const kindsOf = async (
  state: StateReader,
  destination: string,
  place: LetterPlace,
  letter: DeadLetter,
  feed: Pick<FeedReader, 'read'>,
): Promise<{ from: OutcomeKind; now: OutcomeKind }> => {
  const late = await state.get(deliveryState.late, [destination, place.block, place.index])
  if (late !== undefined) {
    const { from, to } = decodeLate(late)
    return { from: kindOf(from), now: kindOf(to) }
  }
  // Letters of older versions do not say it. Where it cannot be told, there was one action.
  const kind =
    letter.kind === undefined
      ? ((await outcomeAt(state, feed, destination, place)) ?? deadOf(letter))
      : kindOf(letter.kind)
  return { from: kind, now: kind }
}

const deadOf = ({ action, reason }: DeadLetter): OutcomeKind => {
  const found = outcomeTerms.findIndex(({ term, reason: each }) => term === 'dead' && each === reason)
  const code = (found === -1 ? outcomeCodes.deadRejected : found) as OutcomeCode
  return { code, actions: [[action, code]] }
}
