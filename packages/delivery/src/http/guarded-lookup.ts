import type { LookupAddress, LookupAllOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { AddressGuard } from './address-guard.ts'

/** `dns.lookup`, asked for all addresses. */
export type LookupAll = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** No address of the host may be connected to. */
export class BlockedAddressError extends Error {
  readonly code = 'ADDRESS_BLOCKED'

  constructor(host: string, address: string) {
    super(
      `${host === address ? address : `${host} (${address})`} is not on the public internet. ` +
        'To send there, add its range to network.allow of the workspace.',
    )
  }
}

/**
 * A lookup for `net.connect` that hands out allowed addresses only. The socket connects to exactly what is handed out,
 * so a name that resolves differently a moment later (DNS rebinding) gains nothing.
 */
export function guardedLookup(guard: AddressGuard, lookupAll: LookupAll): LookupFunction {
  return (hostname, options, callback) => {
    lookupAll(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '')
      const open = addresses.filter(({ address }) => !guard.blocks(address))
      const [first] = open
      if (first === undefined) {
        return callback(new BlockedAddressError(hostname, addresses[0]?.address ?? 'no address'), '')
      }
      if (options.all === true) return callback(null, open)
      callback(null, first.address, first.family)
    })
  }
}
