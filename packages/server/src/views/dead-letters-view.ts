import { groupDeadLetters, knownDestinations, readDeadLetter, readDeadLetters } from '@millrace/delivery'
import type { DeadLettersRequest } from '@millrace/control'
import { MillraceError } from '@millrace/protocol'
import type { DeadLetterCausesAnswer, DeadLetterDetail, DeadLettersAnswer } from '@millrace/protocol'
import type { StateReader } from '@millrace/storage'
import { fromLetterId, fromPosition, toLetterId, toPosition } from './positions.ts'
import type { Stores } from './stores.ts'

/** Dead letters of a destination, the latest first. */
export const listDeadLetters = async (
  stores: Stores,
  { destinationId, before, limit, ...filter }: DeadLettersRequest,
): Promise<DeadLettersAnswer> => {
  const state = await accountState(stores, destinationId)
  const place = before === undefined ? undefined : fromPosition(before)
  const { entries, next } = await readDeadLetters(state, destinationId, filter, { before: place, limit })
  return {
    entries: entries.map(({ place: at, ...entry }) => ({
      id: toLetterId(at, entry.action),
      ...entry,
      position: toPosition(at),
    })),
    ...(next !== undefined && { next: toPosition(next) }),
  }
}

/** One dead letter with what was kept of message, request and answer. */
export const showDeadLetter = async (stores: Stores, destinationId: string, id: string): Promise<DeadLetterDetail> => {
  const state = await accountState(stores, destinationId)
  const { place, action } = fromLetterId(id)
  const letter = await readDeadLetter(state, destinationId, place, action)
  if (letter === undefined) {
    throw new MillraceError(
      'not_found',
      `Destination "${destinationId}" has no dead letter "${id}" (any more); see: millrace dead ${destinationId} --list`,
    )
  }
  return { id, ...letter, position: toPosition(place) }
}

/** The dead letters of a destination, grouped by what one change may repair. */
export const listDeadLetterCauses = async (stores: Stores, destinationId: string): Promise<DeadLetterCausesAnswer> =>
  groupDeadLetters(await accountState(stores, destinationId), destinationId)

/** A destination that was removed keeps its letters under the id of its account. */
export const accountState = async (stores: Stores, destinationId: string): Promise<StateReader> => {
  const state = stores.delivery()
  const known = state === undefined ? [] : await knownDestinations(state)
  if (state !== undefined && known.some(({ id }) => id === destinationId)) return state
  throw new MillraceError('not_found', `No destination has the account "${destinationId}"; see: millrace ledger`)
}
