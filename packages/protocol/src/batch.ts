import { isJsonObject } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import { describeValue } from './problem.ts'
import type { Problem } from './problem.ts'

/** The body of the batch route, once `checkBatch` found no problem. Its messages are unchecked. */
export interface BatchBody {
  batch: Json[]
  /** Merged into the context of each message; the message wins. */
  context?: JsonObject | null
  /** Merged into the integrations of each message; the message wins. */
  integrations?: JsonObject | null
  /** The client's clock when the request left, for messages that have none of their own. */
  sentAt?: Json
  writeKey?: Json
  [field: string]: Json | undefined
}

/**
 * What is wrong with a batch as a whole, or `undefined` when `body` is a `BatchBody`.
 *
 * @param maxBatchMessages most messages that one batch may hold; more refuse it whole
 */
export function checkBatch(body: Json, maxBatchMessages: number): Problem | undefined {
  if (!isJsonObject(body)) {
    return problem(
      'not_an_object',
      '',
      `The body is ${describeValue(body)}. Send an object with the messages in batch.`,
    )
  }
  const { batch } = body
  if (!Array.isArray(batch)) {
    return problem('no_batch', 'batch', `batch is ${describeValue(batch)}. Send the messages as a list.`)
  }
  if (batch.length > maxBatchMessages) {
    return problem(
      'batch_too_large',
      'batch',
      `batch holds ${batch.length} messages. Send at most ${maxBatchMessages}.`,
    )
  }
  return checkShared(body.context, 'context') ?? checkShared(body.integrations, 'integrations')
}

function checkShared(value: Json | undefined, path: string): Problem | undefined {
  if (value === undefined || value === null || isJsonObject(value)) return undefined
  return problem('invalid_field', path, `${path} is ${describeValue(value)}. Send an object, or leave it out.`)
}

const problem = (code: Problem['code'], path: string, reason: string): Problem => ({ code, path, reason })
