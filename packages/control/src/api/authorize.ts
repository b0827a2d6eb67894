import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { MillraceError } from '@millrace/protocol'

/** @throws {MillraceError} `unauthorized` unless the request carries the token. Takes the same time for every wrong one. */
export function checkToken(request: IncomingMessage, token: string): void {
  const [, given] = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
  if (given !== undefined && timingSafeEqual(digest(given), digest(token))) return
  throw new MillraceError(
    'unauthorized',
    given === undefined
      ? 'This needs "Authorization: Bearer" with the token that Millrace prints when it starts.'
      : 'The token is not the one of this server; it is in its data folder, and printed when it starts.',
  )
}

/**
 * Against DNS rebinding: a page in a browser on this machine may reach a server that listens on loopback alone, by a name
 * that its owner points there. So a request must name the server by address, as `localhost`, or by a configured name.
 * @throws {MillraceError} 421 for another host.
 */
export function checkHost({ headers: { host } }: IncomingMessage, names: readonly string[]): void {
  // Browsers always send it; old health checks do not.
  if (host === undefined) return
  const [, bracketed, plain = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host) ?? []
  if (bracketed !== undefined ? isIP(bracketed) === 6 : isIP(plain) === 4) return
  const name = plain.toLowerCase().replace(/\.$/, '')
  if (name === 'localhost' || names.some((known) => known.toLowerCase() === name)) return
  throw new MillraceError(
    'invalid_request',
    `This server does not answer as ${JSON.stringify(host.slice(0, 100))}: it listens on this machine only. Use an address, localhost, or configure the name.`,
    { status: 421 },
  )
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
