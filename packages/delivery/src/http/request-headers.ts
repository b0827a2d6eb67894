import type { HttpFailure } from '@millrace/component-kit'

/** RFC 9110, sections 5.1 and 5.5: a name is a token; a value has no control characters and fits in Latin-1. */
const name = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const forbiddenInValue = /[^\t\x20-\x7e\x80-\xff]/
/** The connection's own; a caller who sets them would change how the message is framed or where it goes. */
const ownNames = /^(?:connection|content-length|expect|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i

/**
 * Returns what is wrong with the first header that HTTP cannot carry. undici refuses such headers too, but its pool
 * then counts the connection as busy for ever (8.12.4), so none may reach it.
 */
export function headerProblem(headers: { readonly [name: string]: string } | undefined): HttpFailure | undefined {
  for (const key in headers) {
    const value = headers[key]
    if (!name.test(key)) return problem(`The header name ${JSON.stringify(key)} is not valid in HTTP.`)
    if (ownNames.test(key)) return problem(`The header "${key}" is set by Millrace; remove it.`)
    if (typeof value !== 'string' || forbiddenInValue.test(value)) {
      return problem(`The value of the header "${key}" holds characters that HTTP cannot carry; encode it.`)
    }
  }
  return undefined
}

function problem(message: string): HttpFailure {
  return { failure: 'blocked', code: 'HEADER_INVALID', message }
}
