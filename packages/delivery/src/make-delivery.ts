import type { DeadLetterCopy, JsonObject, Message } from '@millrace/protocol'
import type { CompiledAction } from './destination-config.ts'
import { isTooOld } from './delivery.ts'
import type { Delivery, Failure } from './delivery.ts'
import type { DeliverySettings } from './delivery-settings.ts'
import type { WindowEntry } from './delivery-window.ts'
import { idempotencyKey } from './idempotency-key.ts'
import { mapMessage } from './map-message.ts'
import { orderKeyOf } from './order-key.ts'
import { outcomeCodes } from './outcome-code.ts'
import type { ParkedKey, ParkedRow } from './parked-delivery.ts'
import { expired, mappingRemoved, parkedMessage, windowEnded } from './parked-message.ts'
import type { Burial } from './parked-message.ts'
import type { FeedReader } from './replay/range-feed.ts'

/** The delivery of one row of the window to one action. With a failure it has no values, and is dead. */
export const deliveryOfRow = (
  destination: string,
  order: DeliverySettings['order'],
  entry: WindowEntry,
  row: number,
  action: CompiledAction,
): { delivery: Delivery; failure?: Failure } => {
  const { offset, block } = entry.resolved
  const message = entry.resolved.message(row)
  const mapped = mapMessage(action, message)
  const delivery: Delivery = {
    ...begun(destination, action, message, 'values' in mapped ? mapped.values : {}),
    source: block.source(row),
    receivedAtMs: block.receivedAtMs(row),
    place: { block: offset, index: row },
    key: order === 'none' ? undefined : orderKeyOf(message),
    bytes: block.raw(row).length,
    attempts: 0,
    history: undefined,
    firstAttemptMs: 0,
    pausedBeforeMs: 0,
    origin: { entry },
  }
  return 'failure' in mapped ? { delivery, failure: mapped.failure } : { delivery }
}

/**
 * Reads and maps the message of a parked delivery again, by the configuration that is in force. Or says why it is dead without another
 * attempt.
 */
export const deliveryOfParked = async (
  row: ParkedRow,
  of: ParkedKey,
  options: {
    destination: string
    actions: readonly CompiledAction[]
    feed: FeedReader
    copyOf: (row: ParkedRow) => Promise<DeadLetterCopy | undefined>
    retryWindowMs: number
    nowMs: number
    pausedMs: number
    isCircuitClosed: boolean
  },
): Promise<Delivery | Burial> => {
  const { destination, actions, feed, retryWindowMs, nowMs, pausedMs, isCircuitClosed } = options
  // While the receiver works each gets one more attempt when its window has ended; else its attempts would only be probes.
  if (!isCircuitClosed && row.attempts > 0 && isTooOld(row, retryWindowMs, nowMs, pausedMs)) return windowEnded(row)
  const placed = await parkedMessage(row, feed, options.copyOf)
  if (placed === undefined) return expired
  const action = actions.find(({ name }) => name === row.action)
  if (action === undefined) return mappingRemoved(row, placed.message)
  const mapped = mapMessage(action, placed.message)
  if ('failure' in mapped) {
    return { code: outcomeCodes.deadInvalid, failure: mapped.failure, message: placed.message }
  }
  return {
    ...begun(destination, action, placed.message, mapped.values),
    source: row.source,
    receivedAtMs: placed.receivedAtMs,
    place: { block: row.block, index: row.index },
    key: of.key,
    bytes: placed.bytes,
    attempts: row.attempts,
    history: row.history,
    firstAttemptMs: row.firstAttemptMs,
    pausedBeforeMs: row.pausedBeforeMs,
    origin: { parked: row, of },
  }
}

const begun = (
  destination: string,
  action: CompiledAction,
  message: Message,
  values: JsonObject,
): Pick<Delivery, 'action' | 'message' | 'payload'> => {
  const { messageId } = message
  const payload = {
    action: action.actionName,
    values,
    idempotencyKey: idempotencyKey(destination, action.name, messageId),
    messageId,
  }
  return { action, message, payload }
}
