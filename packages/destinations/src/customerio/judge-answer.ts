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
 * A 207 that cannot be read is tried again: nobody knows what was refused, so nothing may count as delivered, and a
 * repeated operation does no harm (people, objects and devices are set to the same values, events have their id). One
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
  const outcomes = Array.from({ length: count }, (): Outcome => delivered)
  for (const error of errors) {
    const index = count === 1 ? 0 : error['batch_index']
    if (typeof index !== 'number' || outcomes[index] === undefined) return 'halve'
    outcomes[index] = refused(error)
  }
  return outcomes
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

/** Longer texts are cut: the message is stored with the dead letter. */
const maxTextCharacters = 500

function refused({ reason, field, message }: JsonObject): Outcome {
  const where = typeof field === 'string' && field !== '' ? ` at "${field}"` : ''
  const said = [reason, message].filter((text): text is string => typeof text === 'string' && text !== '').join(': ')
  const text = `Customer.io refused the operation${where}: ${said === '' ? 'it gave no reason' : said}`
  return { status: 'rejected', code: 'http_207', message: text.slice(0, maxTextCharacters).toWellFormed() }
}

function elsewhere({ status, headers: { location = 'an unnamed address' } }: HttpResponse): Outcome {
  return {
    status: 'unauthorized',
    code: `http_${status}`,
    message: `Customer.io redirects to ${location.slice(0, maxTextCharacters)}: choose the region of the account, or correct the endpoint.`,
  }
}
