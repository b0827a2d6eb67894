import type { Key, StateReader } from '@millrace/storage'
import type { DeadLetterFilter } from '../dead-letters.ts'
import { decodeDeadLetter, deliveryState } from '../delivery-state.ts'
import type { LetterPlace } from '../redrive-letters.ts'

const PAGE = 1000

/**
 * Dead letters in the order of the log, in bounded pages: so each person's messages are redriven in their order, and a letter that
 * dies again during a long run is not met twice.
 * @param until Only what died up to this time; ISO.
 * @param limits `letters`: the most that are returned; `read`: the most that are looked at.
 * @returns `next`: where to go on; absent at the end.
 */
export const selectDeadLetters = async (
  state: StateReader,
  destination: string,
  filter: DeadLetterFilter,
  until: string,
  after: LetterPlace | undefined,
  limits: { letters: number; read: number },
): Promise<{ letters: LetterPlace[]; next?: LetterPlace }> => {
  const letters: LetterPlace[] = []
  let last = after
  for (let read = 0; read < limits.read; read += PAGE) {
    const page = await state.scan(deliveryState.dead, {
      prefix: [destination],
      limit: PAGE,
      ...(last && { from: [destination, last.block, last.index, last.action, 0] satisfies Key }),
    })
    for (const { key, value } of page) {
      const { action, reason, code, at } = decodeDeadLetter(value)
      last = { block: key[1] as number, index: key[2] as number, action }
      const isWanted =
        (filter.action === undefined || filter.action === action) &&
        (filter.reason === undefined || filter.reason === reason) &&
        (filter.code === undefined || filter.code === code)
      if (!isWanted || at > until) continue
      letters.push(last)
      if (letters.length === limits.letters) return { letters, next: last }
    }
    if (page.length < PAGE) return { letters }
  }
  return { letters, ...(last && { next: last }) }
}
