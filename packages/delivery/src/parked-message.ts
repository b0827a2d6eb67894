import type { Failure } from './delivery.ts'
import { outcomeCodes } from './outcome-code.ts'
import type { OutcomeCode } from './outcome-code.ts'
import type { ParkedRow } from './parked-delivery.ts'
import type { FeedReader } from './replay/range-feed.ts'
import type { PlacedMessage } from './resolved-feed.ts'

/** Why a parked delivery is dead without another attempt. */
export interface Burial {
  code: OutcomeCode
  failure: Failure
}

/** The message of a parked delivery: the copy that it carries, else from the log. Undefined when it is in neither. */
export const parkedMessage = async (row: ParkedRow, feed: FeedReader): Promise<PlacedMessage | undefined> => {
  const { message } = row
  if (message === undefined) return feed.message(row)
  const receivedAtMs = Date.parse(message.receivedAt)
  const bytes = Buffer.byteLength(JSON.stringify(message))
  return { message, bytes, receivedAtMs: Number.isNaN(receivedAtMs) ? row.parkedMs : receivedAtMs }
}

export const windowEnded = ({ failure }: ParkedRow): Burial => ({
  code: outcomeCodes.deadRetryWindow,
  failure: failure ?? { code: 'unknown', message: 'Nothing is known of the last attempt.' },
})

export const mappingRemoved = ({ action }: ParkedRow): Burial => ({
  code: outcomeCodes.deadRemoved,
  failure: { code: 'mapping_removed', message: `the mapping "${action}" is no longer in the workspace` },
})

export const expired: Burial = {
  code: outcomeCodes.deadExpired,
  failure: { code: 'expired', message: 'The message was removed from the log before it could be delivered.' },
}

export const orderFailure: Failure = {
  code: 'order',
  message:
    'Too many messages of the same person waited behind one that fails, or for too long. With afterParking "sendOn" they are sent all the same.',
}
