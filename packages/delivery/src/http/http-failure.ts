import type { HttpFailure } from '@millrace/component-kit'

const kindByCode: { readonly [code: string]: HttpFailure['failure'] } = {
  ADDRESS_BLOCKED: 'blocked',
  UND_ERR_INVALID_ARG: 'blocked',
  UND_ERR_NOT_SUPPORTED: 'blocked',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ETIMEDOUT: 'timeout',
  UND_ERR_HEADERS_OVERFLOW: 'too_large',
}

/** Turns what Node or undici threw into a value. `code` is theirs: ECONNREFUSED, UND_ERR_SOCKET, CERT_HAS_EXPIRED, … */
export function failureOf(error: unknown): HttpFailure {
  if (!(error instanceof Error)) return { failure: 'network', code: 'UNKNOWN', message: String(error) }
  const code = codeOf(error)
  return { failure: kindByCode[code] ?? 'network', code, message: messageOf(error) }
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

/** Several addresses that all failed come as an AggregateError without a message of its own. */
function messageOf(error: Error): string {
  if (error.message === '' && error instanceof AggregateError) {
    return error.errors.map((each) => (each instanceof Error ? each.message : String(each))).join('; ')
  }
  return error.message
}
