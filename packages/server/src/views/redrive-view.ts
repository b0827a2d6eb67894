import type { RedriveRequest } from '@millrace/control'
import { redriveProgress, selectDeadLetters } from '@millrace/delivery'
import type { LetterPlace, Redriven } from '@millrace/delivery'
import { MillraceError } from '@millrace/protocol'
import type { RedriveAnswer, RedriveProgress } from '@millrace/protocol'
import type { StateReader } from '@millrace/storage'
import { accountState } from './dead-letters-view.ts'
import { fromLetterId, toLetterId } from './positions.ts'
import type { Stores } from './stores.ts'

/** A call redrives so many letters and looks at so many, at most, so that it ends within a second. */
const LIMITS = { letters: 1000, read: 20_000 }

/**
 * Chooses the letters of one call and has them redriven.
 * @param redrive Moves letters of the destination from dead to parked; says of each whether it did.
 */
export const redriveLetters = async (
  stores: Stores,
  { destinationId, letters, next }: RedriveRequest,
  redrive: (letters: readonly LetterPlace[]) => Promise<Redriven>,
): Promise<RedriveAnswer> => {
  const state = await accountState(stores, destinationId)
  const chosen = isIds(letters)
    ? { letters: [...new Set(letters)].map((id) => placeOf(id)), next: undefined }
    : await select(state, destinationId, letters, next)
  const nameOf = (place: LetterPlace): string => toLetterId(place, place.action)
  const { redriven, skipped } =
    chosen.letters.length === 0 ? { redriven: [], skipped: [] } : await redrive(chosen.letters)
  return {
    redriven: redriven.length,
    ids: redriven.map((place) => nameOf(place)),
    skipped: skipped.map(({ why, ...place }) => ({ id: nameOf(place), why })),
    ...(chosen.next !== undefined && { next: chosen.next }),
  }
}

/** What became of redriven letters. */
export const redriveProgressOf = async (
  stores: Stores,
  destinationId: string,
  ids: readonly string[],
): Promise<RedriveProgress> => {
  await accountState(stores, destinationId)
  const letters = ids.map((id) => placeOf(id))
  return stores.together((state) => redriveProgress(state, destinationId, letters))
}

const select = async (
  state: StateReader,
  destinationId: string,
  filter: { action?: string; reason?: string; code?: string },
  next: string | undefined,
): Promise<{ letters: LetterPlace[]; next: string | undefined }> => {
  const { until, after } = next === undefined ? { until: new Date().toISOString(), after: undefined } : readNext(next)
  const page = await selectDeadLetters(state, destinationId, filter, until, after, LIMITS)
  const last = page.next
  return {
    letters: page.letters,
    next: last && `${Date.parse(until)}@${toLetterId(last, last.action)}`,
  }
}

/** A run takes only what was dead when it began, so what dies again while it goes on does not lengthen it. */
const readNext = (next: string): { until: string; after: LetterPlace } => {
  const match = /^(\d{1,15})@(.+)$/s.exec(next)
  if (!match) {
    throw new MillraceError('invalid_request', 'The "next" is none that an answer of redrive gave; take it unchanged.')
  }
  return { until: new Date(Number(match[1])).toISOString(), after: placeOf(match[2] as string) }
}

const placeOf = (id: string): LetterPlace => {
  const { place, action } = fromLetterId(id)
  return { ...place, action }
}

const isIds = (letters: RedriveRequest['letters']): letters is readonly string[] => Array.isArray(letters)
