import type { DeadLetterCause, DeadLetterCausesAnswer, DeadLetterEntry } from '@millrace/protocol'
import type { Cursor, StateEntry, StateReader } from '@millrace/storage'
import { decodeDeadLetter, deliveryState } from './delivery-state.ts'

/** Which dead letters are wanted; what is absent is all. */
export interface DeadLetterFilter {
  action?: string | undefined
  reason?: string | undefined
  code?: string | undefined
}

export type PlacedEntry = Omit<DeadLetterEntry, 'id' | 'position'> & { place: Cursor }

const PAGE = 1_000
/** How many letters are read to group them: some seconds at most. */
const MOST_GROUPED = 200_000

/**
 * Dead letters of a destination, the latest in the log first, those of one message together.
 * @param before Only letters of messages before this place.
 * @returns At most `limit` and what else the last message has; `next` when there are older ones.
 */
export const readDeadLetters = async (
  state: StateReader,
  destination: string,
  filter: DeadLetterFilter,
  { before, limit }: { before?: Cursor | undefined; limit: number },
): Promise<{ entries: PlacedEntry[]; next?: Cursor }> => {
  const entries: PlacedEntry[] = []
  for await (const entry of letters(state, destination, before)) {
    if (!isWanted(entry, filter)) continue
    const last = entries.at(-1)?.place
    if (last !== undefined && entries.length >= limit && !isSame(last, entry.place)) return { entries, next: last }
    entries.push(entry)
  }
  return { entries }
}

/** Groups the latest dead letters of a destination by what one change may repair. */
export const groupDeadLetters = async (
  state: StateReader,
  destination: string,
  most = MOST_GROUPED,
): Promise<DeadLetterCausesAnswer> => {
  const causes = new Map<string, DeadLetterCause>()
  let counted = 0
  let complete = true
  for await (const { action, reason, code, at, messageId, detail } of letters(state, destination, undefined)) {
    if (counted === most) {
      complete = false
      break
    }
    counted++
    const name = JSON.stringify([action, reason, code])
    const cause = causes.get(name)
    if (cause === undefined) {
      const sample = { messageId, detail }
      causes.set(name, { action, reason, code, count: 1, firstAt: at, lastAt: at, sample })
    } else {
      cause.count++
      if (at < cause.firstAt) cause.firstAt = at
      if (at > cause.lastAt) cause.lastAt = at
    }
  }
  return { causes: [...causes.values()].sort((one, other) => other.count - one.count), counted, complete }
}

async function* letters(
  state: StateReader,
  destination: string,
  before: Cursor | undefined,
): AsyncGenerator<PlacedEntry, void, undefined> {
  let to = before === undefined ? undefined : [destination, before.block, before.index]
  for (;;) {
    const page: readonly StateEntry[] = await state.scan(deliveryState.dead, {
      prefix: [destination],
      reverse: true,
      limit: PAGE,
      ...(to !== undefined && { to }),
    })
    for (const { key, value } of page) {
      // What only delivery needs stays here, and what only one letter shows.
      const { copyBytes: _copyBytes, history: _history, key: _key, kind: _kind, ...letter } = decodeDeadLetter(value)
      yield { ...letter, place: { block: key[1] as number, index: key[2] as number } }
    }
    const last = page.at(-1)
    if (page.length < PAGE || last === undefined) return
    to = [...last.key] as typeof to
  }
}

const isWanted = (entry: PlacedEntry, { action, reason, code }: DeadLetterFilter): boolean =>
  (action === undefined || entry.action === action) &&
  (reason === undefined || entry.reason === reason) &&
  (code === undefined || entry.code === code)

const isSame = (one: Cursor, other: Cursor): boolean => one.block === other.block && one.index === other.index
