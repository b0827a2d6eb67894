import type { IncomingHttpHeaders } from 'node:http'
import type { ClientAddress } from './client-address.ts'

/** Where clients reach this server: what documents tell them to send to. */
export interface PublicAddress {
  protocol: 'http' | 'https'
  /** Host, port unless it is the protocol's own, and a path when there is one; never a slash at the end. */
  host: string
}

/** A name or address with an optional port: what a Host header may be. Nothing that means something in a URL or in HTML. */
const hostPattern = /^(?:[a-z0-9](?:[a-z0-9._-]{0,252}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i

/** Reads a public URL as it is configured; undefined when it is none. */
export const parsePublicUrl = (text: string): PublicAddress | undefined => {
  if (!URL.canParse(text)) return undefined
  const { protocol, host, pathname, search, hash, username, password } = new URL(text)
  if (protocol !== 'http:' && protocol !== 'https:') return undefined
  if (search + hash + username + password !== '') return undefined
  return { protocol: protocol === 'http:' ? 'http' : 'https', host: host + pathname.replace(/\/+$/, '') }
}

/**
 * The address that the request was sent to. `Host` is what the client wrote: it is checked, and whoever sends a wrong one
 * misleads only himself. `X-Forwarded-Host` and `X-Forwarded-Proto` count when the connection comes from a trusted proxy; of
 * a list the last entry counts, which that proxy wrote.
 * @returns undefined when there is no host or it is malformed
 */
export const publicAddressOf = (
  headers: IncomingHttpHeaders,
  remoteAddress: string | undefined,
  proxies: ClientAddress,
): PublicAddress | undefined => {
  const isForwarded = proxies.isTrusted(remoteAddress)
  const host = (isForwarded ? lastOf(headers['x-forwarded-host']) : undefined) ?? headers.host
  if (host === undefined || !hostPattern.test(host)) return undefined
  const protocol = isForwarded && lastOf(headers['x-forwarded-proto'])?.toLowerCase() === 'https' ? 'https' : 'http'
  return { protocol, host }
}

const lastOf = (value: string | string[] | undefined): string | undefined => {
  const text = Array.isArray(value) ? value.at(-1) : value
  const last = text?.split(',').at(-1)?.trim()
  return last === '' ? undefined : last
}
