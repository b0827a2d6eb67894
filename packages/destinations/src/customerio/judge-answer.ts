import { delivered, outcomeOf, type HttpResponse, type Outcome } from '@millrace/component-kit'
import { isJsonObject, type Json, type JsonObject } from '@millrace/protocol'
import { judgeByStatus, type Answer, type Verdict } from '../send-bisecting.ts'

/**
 * Customer.io's answers:
 *
 *     200            all items are accepted
 *     207            some are refused: `{"errors":[{"batch_index", "reason", "field", "message"}]}`; the others are accepted
 *     400, 413, 422  refused as a whole: halves of several items find the bad one
 *     3xx            another host serves the account, so the settings are wrong and no message is to blame
 *     401, 403       credentials; 429 and 5xx except 501: later, after Retry-After
 */
export function judgeAnswer(answer: Answer, count: number, now: () => number): Verdict {
  if ('status' in answer && answer.status === 207) return judgeItems(answer.text, count)
  return judgeByStatus(answer, count, now) === 'halve' ? 'halve' : judgeSingle(answer, now)
}

/** The answer to a request that is about one thing. */
export const judgeSingle = (answer: Answer, now: () => number): Outcome =>
  'status' in answer && answer.status >= 300 && answer.status <= 399 ? elsewhere(answer) : outcomeOf(answer, now)

/**
 * A 207 that cannot be read is tried again: nobody knows what was refused, so nothing may count as delivered. Repeated
 * operations set people, objects and devices to the same values; an event has its id, and at worst counts twice. One
 * that blames an item nobody sent is asked again by halves: a single item leaves no doubt.
 */
function judgeItems(text: string, count: number): Verdict {
  const errors = errorsOf(text)
  if (errors === undefined) {
    return {
      status: 'retry',
      code: 'http_207',
      message: 'Customer.io refused some operations (207), but its answer does not say which.',
    }
  }
  const reasons = new Map<number, string[]>()
  for (const error of errors) {
    const index = count === 1 ? 0 : error['batch_index']
    if (!isItem(index, count)) return 'halve'
    reasons.set(index, [...(reasons.get(index) ?? []), reasonOf(error)])
  }
  return Array.from({ length: count }, (_, index) => outcomeFor(reasons.get(index)))
}

const isItem = (index: Json | undefined, count: number): index is number =>
  typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < count

function outcomeFor(reasons: readonly string[] | undefined): Outcome {
  if (reasons === undefined) return delivered
  return {
    status: 'rejected',
    code: 'http_207',
    message: `Customer.io refused the operation: ${reasons.join('; ')}`,
  }
}

function errorsOf(text: string): JsonObject[] | undefined {
  let body: Json
  try {
    body = JSON.parse(text) as Json
  } catch {
    return undefined
  }
  const errors = isJsonObject(body) ? (body['errors'] ?? []) : undefined
  return Array.isArray(errors) && errors.every(isJsonObject) ? errors : undefined
}

/** Longer texts are cut: they are stored with the dead letter. */
const maxTextCharacters = 500

/** The error in Customer.io's words: `required at "name": name is required`. */
function reasonOf({ reason, field, message }: JsonObject): string {
  const where = typeof field === 'string' && field !== '' ? ` at "${field}"` : ''
  const why = typeof message === 'string' && message !== '' ? `: ${message}` : ''
  const text = `${typeof reason === 'string' && reason !== '' ? reason : 'no reason given'}${where}${why}`
  return text.slice(0, maxTextCharacters).toWellFormed()
}

function elsewhere({ status, headers: { location = 'an unnamed address' } }: HttpResponse): Outcome {
  return {
    status: 'unauthorized',
    code: `http_${status}`,
    message: `Customer.io redirects to ${location.slice(0, maxTextCharacters)}: choose the region of the account, or correct the endpoint.`,
  }
}
