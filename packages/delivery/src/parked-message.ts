import type { DeadLetterCopy, Message } from '@millrace/protocol'
import type { DeliverySettings } from './delivery-settings.ts'
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
  /** When it is at hand. */
  message?: Message
}

/** The message of a parked delivery: from the log, else from the copy that was kept when it was dead. Undefined when it is in neither. */
export const parkedMessage = async (
  row: ParkedRow,
  feed: FeedReader,
  copyOf: (row: ParkedRow) => Promise<DeadLetterCopy | undefined>,
): Promise<PlacedMessage | undefined> => {
  const placed = await feed.message(row)
  if (placed !== undefined || row.copyBytes === undefined) return placed
  const message = (await copyOf(row))?.message as Message | undefined
  if (message === undefined) return undefined
  const receivedAtMs = Date.parse(message.receivedAt)
  const bytes = Buffer.byteLength(JSON.stringify(message))
  return { message, bytes, receivedAtMs: Number.isNaN(receivedAtMs) ? row.parkedMs : receivedAtMs }
}

export const windowEnded = ({ failure }: ParkedRow): Burial => ({
  code: outcomeCodes.deadRetryWindow,
  failure: failure ?? { code: 'unknown', message: 'Nothing is known of the last attempt.' },
})

export const mappingRemoved = ({ action }: ParkedRow, message: Message): Burial => ({
  message,
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

export const parkedFull = ({ parkedMax }: Pick<DeliverySettings, 'parkedMax'>): Failure => ({
  code: 'parked_full',
  message: `${parkedMax} deliveries are parked (setting "parkedMax")`,
})
