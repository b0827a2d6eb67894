import type { PathError } from '@millrace/protocol'

/** An answer other than 200. Some public clients need exactly `code` and `message` in its body. */
export interface Answer {
  status: number
  code: string
  message: string
  errors?: readonly PathError[]
  retryAfterSeconds?: number
  /** The methods that the route takes. */
  allow?: string
}

/** The body of every 200: a client in Python parses it, one in JavaScript wants it not to be empty. */
export const okBody = '{"success":true}'

export const bodyOf = (answer: Answer): string => {
  const { code, message, errors } = answer
  return JSON.stringify(errors === undefined || errors.length === 0 ? { code, message } : { code, message, errors })
}

const unavailableRetrySeconds = 2

export const unavailable = (message: string): Answer => ({
  status: 503,
  code: 'unavailable',
  message,
  retryAfterSeconds: unavailableRetrySeconds,
})

export const internalError: Answer = {
  status: 500,
  code: 'internal',
  message:
    'The request met a defect of Millrace. Nothing of it was accepted; send it again, and report it if it stays.',
}
