import type { HttpFailure } from '@millrace/component-kit'
import { isIP } from 'node:net'
import type { AddressGuard } from './address-guard.ts'
import { BlockedAddressError } from './guarded-lookup.ts'
import { failureOf } from './http-failure.ts'

/** Where a request goes, in undici's terms. */
export interface Target {
  origin: string
  path: string
}

/**
 * Parses and checks a URL: http or https, no credentials, and a host that is no forbidden address. `new URL` writes
 * decimal, octal, hexadecimal and shortened addresses as four numbers, so one check meets every notation. Names are
 * checked later, when they are resolved.
 * The path may hold a secret, so messages name the host alone.
 */
export function targetOf(url: string, guard: AddressGuard): Target | HttpFailure {
  const parsed = URL.parse(url)
  if (parsed === null) return blocked('URL_INVALID', 'The URL cannot be parsed; write it as https://example.com/path.')
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') {
    return blocked('URL_SCHEME', `The URL begins with "${parsed.protocol}"; only https: and http: are sent to.`)
  }
  if (parsed.username !== '' || parsed.password !== '') {
    return blocked('URL_CREDENTIALS', `The URL of ${parsed.hostname} holds a user name; send it as a header instead.`)
  }
  const host = parsed.hostname.startsWith('[') ? parsed.hostname.slice(1, -1) : parsed.hostname
  if (isIP(host) !== 0 && guard.blocks(host)) return failureOf(new BlockedAddressError(host, host))
  return { origin: parsed.origin, path: parsed.pathname + parsed.search }
}

function blocked(code: string, message: string): HttpFailure {
  return { failure: 'blocked', code, message }
}
