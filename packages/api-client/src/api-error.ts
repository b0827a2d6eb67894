import type { PathError } from '@millrace/protocol'

/**
 * A request to the HTTP API that failed. `code` is one of the server's codes, or one of the client's own:
 * `unreachable` (nobody answered; status 0), `unreadable` (the answer is not what the API sends), `interrupted` (a stream
 * broke) and `silent` (nothing came on a stream for too long).
 */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: string
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  /** Each wrong place of what was sent, with its remedy. */
  readonly errors: readonly PathError[]

  constructor(
    fields: { code: string; status: number; message: string; errors?: readonly PathError[] },
    options?: ErrorOptions,
  ) {
    super(fields.message, options)
    this.code = fields.code
    this.status = fields.status
    this.errors = fields.errors ?? []
  }
}

/** The error of an answer that is not 2xx, whatever its body holds: a proxy may have written it. */
export function apiErrorOf(url: string, status: number, body: string): ApiError {
  const fields = parseObject(body)
  if (typeof fields?.['code'] !== 'string' || typeof fields['message'] !== 'string') {
    const start = body.slice(0, 200).trim()
    return new ApiError({
      code: 'unreadable',
      status,
      message: `${url} answered ${status}${start === '' ? '' : `: ${start}`}. Is this a Millrace server?`,
    })
  }
  const errors = Array.isArray(fields['errors']) ? (fields['errors'] as PathError[]) : []
  return new ApiError({ code: fields['code'], status, message: fields['message'], errors })
}

function parseObject(text: string): { [key: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as { [key: string]: unknown }) : undefined
  } catch {
    return undefined
  }
}
