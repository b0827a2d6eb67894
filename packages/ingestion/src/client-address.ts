import { BlockList, isIP } from 'node:net'

/** Finds the address that a request came from, behind the proxies that are trusted. */
export class ClientAddress {
  readonly #trusted = new BlockList()
  readonly #trustsAny: boolean

  /** @param trustedProxies addresses and CIDR ranges; throws on anything else */
  constructor(trustedProxies: readonly string[]) {
    this.#trustsAny = trustedProxies.length > 0
    for (const entry of trustedProxies) this.#trust(entry)
  }

  /**
   * X-Forwarded-For is read from its right end, the nearest proxy, and only as far as proxies are trusted: what stands
   * further left was written by someone who is not.
   */
  of(remoteAddress: string | undefined, forwardedFor: string | undefined): string | undefined {
    let address = remoteAddress === undefined ? undefined : plainAddress(remoteAddress)
    if (!this.#trustsAny || address === undefined || forwardedFor === undefined) return address
    const hops = forwardedFor.split(',')
    for (let index = hops.length - 1; index >= 0 && this.#isProxy(address); index--) {
      const hop = plainAddress(hops[index] as string)
      if (hop === undefined) break
      address = hop
    }
    return address
  }

  /** Whether a connection from this address is one of a trusted proxy. */
  isTrusted(remoteAddress: string | undefined): boolean {
    const address = this.#trustsAny && remoteAddress !== undefined ? plainAddress(remoteAddress) : undefined
    return address !== undefined && this.#isProxy(address)
  }

  #trust(entry: string): void {
    const slash = entry.indexOf('/')
    const address = slash === -1 ? entry : entry.slice(0, slash)
    const version = isIP(address)
    const bits = slash === -1 ? Number.NaN : Number(entry.slice(slash + 1))
    const mostBits = version === 4 ? 32 : 128
    if (version === 0 || (slash !== -1 && !(Number.isInteger(bits) && bits >= 0 && bits <= mostBits))) {
      throw new RangeError(`trusted proxy ${JSON.stringify(entry)} is no IP address or CIDR range such as 10.0.0.0/8`)
    }
    const family = version === 4 ? 'ipv4' : 'ipv6'
    if (slash === -1) this.#trusted.addAddress(address, family)
    else this.#trusted.addSubnet(address, bits, family)
  }

  #isProxy(address: string): boolean {
    return this.#trusted.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
  }
}

/** An address without port, brackets, zone, and the prefix that IPv4 has on a socket for both. */
const plainAddress = (text: string): string | undefined => {
  let address = text.trim()
  if (address.startsWith('[')) address = address.slice(1, address.indexOf(']'))
  else if (address.includes('.') && address.lastIndexOf(':') === address.indexOf(':'))
    address = address.split(':', 1)[0] as string
  if (/^::ffff:\d+\./i.test(address)) address = address.slice(7)
  const zone = address.indexOf('%')
  if (zone !== -1) address = address.slice(0, zone)
  return isIP(address) === 0 ? undefined : address
}

/** Without what points to one household: the last octet of IPv4, all behind the first 48 bits of IPv6. */
export const anonymizeAddress = (address: string): string => {
  if (isIP(address) === 4) return `${address.slice(0, address.lastIndexOf('.'))}.0`
  const [head, tail] = address.split('::', 2) as [string, string?]
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const behind = tail === '' ? 0 : tail.split(':').length + (tail.includes('.') ? 1 : 0)
    while (groups.length + behind < 8) groups.push('0')
    if (tail !== '') groups.push(...tail.split(':'))
  }
  const kept = groups.slice(0, 3)
  while (kept.at(-1) === '0' || kept.at(-1) === '') kept.pop()
  return `${kept.join(':')}::`
}
