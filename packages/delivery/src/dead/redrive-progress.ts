import type { RedriveProgress } from '@millrace/protocol'
import type { StateReader } from '@millrace/storage'
import { deliveryState } from '../delivery-state.ts'
import type { LetterPlace } from '../redrive-letters.ts'
import { letterKey } from './copy-store.ts'

/**
 * What became of deliveries that were redriven: a row in `parked` waits, a letter is dead again, and what has neither was delivered.
 * @param state A snapshot, or one that is on its way from one space to the other would be seen in neither.
 */
export const redriveProgress = async (
  state: StateReader,
  destination: string,
  letters: readonly LetterPlace[],
): Promise<RedriveProgress> => {
  const progress: RedriveProgress = { waiting: 0, delivered: 0, dead: 0 }
  for (const place of letters) {
    const key = letterKey(destination, place, place.action)
    if ((await state.get(deliveryState.parked, key)) !== undefined) progress.waiting++
    else if ((await state.get(deliveryState.dead, key)) !== undefined) progress.dead++
    else progress.delivered++
  }
  return progress
}
