import { statusOf } from './codes.ts'
import type { ErrorCode } from './codes.ts'

/** One wrong place of a document or body, with the remedy in its reason. */
export interface PathError {
  /** Dotted, list items by index: `destinations[2].settings.endpoint`; empty for the whole. */
  path: string
  reason: string
}

export interface MillraceErrorOptions {
  /** HTTP status, when it is not the usual one of the code. */
  status?: number
  cause?: unknown
  errors?: readonly PathError[]
}

/**
 * The one error class. What a destination answers is not an error but an `Outcome`; this is for everything else.
 * Its JSON form is the body of an HTTP answer: some public clients need exactly `code` and `message` there.
 *
 * @example throw new MillraceError('unavailable', 'The event log cannot be written: disk full. Free space, then resend.')
 */
export class MillraceError extends Error {
  override readonly name = 'MillraceError'
  readonly code: ErrorCode
  readonly status: number
  readonly errors: readonly PathError[]

  constructor(code: ErrorCode, message: string, options: MillraceErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.status = options.status ?? statusOf(code)
    this.errors = options.errors ?? []
  }

  /** The body of the answer; never the cause, which may hold secrets. */
  toJSON(): { code: ErrorCode; message: string; errors?: readonly PathError[] } {
    const { code, message, errors } = this
    return errors.length > 0 ? { code, message, errors } : { code, message }
  }
}
