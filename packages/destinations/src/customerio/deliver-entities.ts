import type { DeliverContext, Outcome, Payload } from '@millrace/component-kit'
import type { JsonObject } from '@millrace/protocol'
import { sendBisecting, type ItemRange } from '../send-bisecting.ts'
import { accountOf } from './account.ts'
import type { EntityAction } from './entity-action.ts'
import { problemOf } from './entity.ts'
import { judgeAnswer } from './judge-answer.ts'
import type { CustomerioSettings } from './settings.ts'

/** The limits of Customer.io's documentation, in bytes of UTF-8. */
const maxOperationBytes = 32 * 1024
export const maxBatchBytes = 500_000

const batchStart = '{"batch":['
const batchEnd = ']}'

interface Operation {
  text: string
  bytes: number
}

/**
 * The one `deliver` of all actions that make operations, so that operations of every kind share a request, in the order
 * of the messages. One operation goes to `/api/v2/entity`, several to `/api/v2/batch`.
 *
 * Each operation is stringified once. What Customer.io would refuse by itself (nobody it is about, too large) is
 * rejected here and never sent.
 */
export function deliverEntities(actions: { readonly [name: string]: EntityAction }) {
  return async (
    { settings, http, signal, now }: DeliverContext<CustomerioSettings>,
    payloads: readonly Payload[],
  ): Promise<readonly Outcome[]> => {
    const account = accountOf(settings)
    if ('status' in account) return payloads.map(() => account)
    const made = payloads.map(({ action, values }) => operationOf(actions[action], action, values))
    const operations = made.filter((each) => 'text' in each)
    const sentItems = [...made.keys()].filter((at) => 'text' in (made[at] as Operation | Outcome))
    const outcomes = await sendBisecting(
      rangesOf(operations),
      ({ from, to }) => {
        const texts = operations.slice(from, to).map(({ text }) => text)
        return http.request({
          method: 'POST',
          url: `${account.base}/api/v2/${texts.length === 1 ? 'entity' : 'batch'}`,
          headers: { ...account.headers, 'content-type': 'application/json' },
          body: texts.length === 1 ? texts.join() : `${batchStart}${texts.join(',')}${batchEnd}`,
          ...(texts.length < made.length && { items: sentItems.slice(from, to) }),
          signal,
        })
      },
      (answer, count) => judgeAnswer(answer, count, now),
    )
    const sent = outcomes.values()
    return made.map((each) => ('text' in each ? (sent.next().value as Outcome) : each))
  }
}

/** The operation of a payload, or why it is not sent. */
function operationOf(action: EntityAction | undefined, name: string, values: JsonObject): Operation | Outcome {
  if (action === undefined) throw new TypeError(`Customer.io has no action "${name}"`)
  const entity = action.entity(values)
  const problem = problemOf(entity)
  if (problem !== undefined) return { status: 'rejected', code: 'no_identifier', message: problem }
  const text = JSON.stringify(entity)
  const bytes = Buffer.byteLength(text)
  if (bytes <= maxOperationBytes) return { text, bytes }
  return {
    status: 'rejected',
    code: 'operation_too_large',
    message: `The operation has ${bytes} bytes, and Customer.io takes at most ${maxOperationBytes}: map fewer or shorter attributes.`,
  }
}

/** Consecutive operations whose batch stays within the limit. */
function rangesOf(operations: readonly Operation[]): ItemRange[] {
  const ranges: ItemRange[] = []
  let size = 0
  for (const [index, { bytes }] of operations.entries()) {
    const last = ranges.at(-1)
    if (last === undefined || size + 1 + bytes > maxBatchBytes) {
      ranges.push({ from: index, to: index + 1 })
      size = batchStart.length + bytes + batchEnd.length
    } else {
      last.to = index + 1
      size += 1 + bytes
    }
  }
  return ranges
}
