import { lookup } from 'node:dns'
import { connect, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { BlockedAddressError, createAddressGuard, guardedLookup } from '@millrace/delivery'

export interface GuardedConnectOptions {
  host: string
  port: number
  /** Ranges that may be reached although they are private: `network.allow` of the workspace. */
  allow: readonly string[]
  timeoutMs: number
  signal: AbortSignal
}

/**
 * A TCP connection under the rules of the HTTP client: the address is checked as it is written, as it is resolved, and
 * as the socket has it. Rejects with what keeps it from being made.
 */
export function connectGuarded({ host, port, allow, timeoutMs, signal }: GuardedConnectOptions): Promise<Socket> {
  const guard = createAddressGuard(allow)
  if (isIP(host) !== 0 && guard.blocks(host)) return Promise.reject(new BlockedAddressError(host, host))
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, lookup: guardedLookup(guard, lookup) })
    const fail = (error: Error): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      socket.destroy()
      reject(error)
    }
    const stop = (): void => fail(new Error('it was stopped'))
    const timer = setTimeout(() => fail(new Error(`${host}:${port} did not answer within ${timeoutMs} ms`)), timeoutMs)
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    socket.once('error', fail)
    socket.once('connect', () => {
      const address = socket.remoteAddress
      if (address === undefined) return fail(new Error(`${host}:${port} closed the connection`))
      if (guard.blocks(address)) return fail(new BlockedAddressError(host, address))
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      socket.off('error', fail)
      resolve(socket)
    })
  })
}
