import type { HttpFailure, HttpResponse } from './http.ts'
import type { Outcome } from './outcome.ts'
import { delivered } from './outcome.ts'
import { parseRetryAfter } from './retry-after.ts'

/** Client errors that pass by themselves: timeout, locked, too early, too many requests. */
const retriedClientErrors: ReadonlySet<number> = new Set([408, 423, 425, 429])

/** How much of an answer's body a message quotes. */
const maxBodyCharacters = 200

/**
 * Judges an answer by its status alone:
 *
 *     2xx                                      delivered (a destination with partial failures reads the body first)
 *     408, 423, 425, 429, 5xx except 501       retry, after Retry-After if it is given
 *     401, 403                                 unauthorized
 *     3xx, other 4xx, 501, anything else       rejected
 *     network error, timeout                   retry
 *     blocked, too_large                       rejected
 *
 * Codes are `http_<status>`, or the kind of failure.
 * @param now milliseconds since 1970, for a Retry-After that is a date
 * @example
 * outcomeOf(await http.request({ method: 'POST', url, body }))
 */
export function outcomeOf(answer: HttpResponse | HttpFailure, now: () => number = Date.now): Outcome {
  if ('failure' in answer) return outcomeOfFailure(answer)
  const { status, headers } = answer
  if (status >= 200 && status <= 299) return delivered
  const code = `http_${status}`
  const message = `The receiver answered ${status}${quote(answer.text)}`
  if (status === 401 || status === 403) {
    return { status: 'unauthorized', code, message: `${message}. Check the credentials in the destination's settings.` }
  }
  if (status >= 300 && status <= 399) {
    const target =
      headers['location'] === undefined ? 'elsewhere' : `to ${headers['location'].slice(0, maxBodyCharacters)}`
    return {
      status: 'rejected',
      code,
      message: `${message}. It redirects ${target}; redirects are not followed, so put the final URL into the settings.`,
    }
  }
  if (retriedClientErrors.has(status) || (status >= 500 && status <= 599 && status !== 501)) {
    const afterMs = parseRetryAfter(headers['retry-after'], now())
    return { status: 'retry', code, message, ...(afterMs !== undefined && { afterMs }) }
  }
  return { status: 'rejected', code, message }
}

function outcomeOfFailure({ failure, code, message }: HttpFailure): Outcome {
  switch (failure) {
    case 'blocked': {
      return { status: 'rejected', code: failure, message: `The address is not allowed: ${message} (${code})` }
    }
    case 'too_large': {
      // The receiver did answer, so it may have accepted. Asking again would get the same long answer, and perhaps
      // deliver twice; a person has to look at the URL.
      return {
        status: 'rejected',
        code: failure,
        message: `The receiver's answer is too long to be read: ${message} (${code}). It may have accepted the message; check that the URL is an API and not a page.`,
      }
    }
    default: {
      return { status: 'retry', code: failure, message: `No answer from the receiver: ${message} (${code})` }
    }
  }
}

function quote(text: string): string {
  const body = text.trim().slice(0, maxBodyCharacters)
  return body === '' ? '' : `: ${body.toWellFormed()}`
}
