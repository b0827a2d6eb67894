import type { ReplayFailure } from '@millrace/protocol'
import type { StateReader } from '@millrace/storage'
import { decodeDeadLetter, deliveryState } from '../delivery-state.ts'
import { MAX_LETTERS } from './account-store.ts'
import { accountOf, numberOfReplay } from './replay-record.ts'

/** What a replay could not deliver: the first of it. */
export const readReplayFailures = async (state: StateReader, id: string): Promise<ReplayFailure[]> => {
  const number = numberOfReplay(id)
  if (number === undefined) return []
  const entries = await state.scan(deliveryState.dead, { prefix: [accountOf(number)], limit: MAX_LETTERS })
  return entries.map(({ value }) => {
    const { messageId, action, reason, code, detail, attempts, at } = decodeDeadLetter(value)
    return { messageId, action, reason, code, detail, attempts, at }
  })
}
