import { BlockList, isIP } from 'node:net'

/** Decides which addresses a destination may be sent to. */
export interface AddressGuard {
  /** True for an address that is not on the public internet and not on the allow list, and for what is no address. */
  blocks(address: string): boolean
}

/**
 * IPv4 ranges that are not globally reachable, and 192.88.99/24, which would relay into IPv6.
 * Source: IANA IPv4 Special-Purpose Address Registry (RFC 6890), multicast RFC 5771.
 */
const ipv4Ranges: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]

/** The same for IPv6 (RFC 6890). `::/96` holds `::`, `::1` and the IPv4-compatible forms; 2001::/23 holds Teredo. */
const ipv6Ranges: readonly (readonly [string, number])[] = [
  ['::', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['100:0:0:1::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
]

const forbidden = new BlockList()
for (const [network, prefix] of ipv6Ranges) forbidden.addSubnet(network, prefix, 'ipv6')
for (const [network, prefix] of ipv4Ranges) {
  // A rule for IPv4 also meets the IPv4-mapped form; NAT64 (RFC 6052) and 6to4 (RFC 3056) carry the address in other places.
  forbidden.addSubnet(network, prefix, 'ipv4')
  const [a = 0, b = 0, c = 0, d = 0] = network.split('.').map(Number)
  const high = ((a << 8) | b).toString(16)
  const low = ((c << 8) | d).toString(16)
  forbidden.addSubnet(`64:ff9b::${high}:${low}`, 96 + prefix, 'ipv6')
  forbidden.addSubnet(`2002:${high}:${low}::`, 16 + prefix, 'ipv6')
}

/**
 * A guard that lets public addresses pass, and those in `allow`: CIDR ranges or single addresses.
 * Throws when an entry of `allow` is neither.
 */
export function createAddressGuard(allow: readonly string[]): AddressGuard {
  const allowed = new BlockList()
  for (const entry of allow) addRange(allowed, entry)
  return {
    blocks(address) {
      // `BlockList.check` says false to what it cannot parse, such as an address with a zone: that must not pass.
      const bare = address.split('%', 1)[0] ?? ''
      const version = isIP(bare)
      if (version === 0) return true
      const family = version === 6 ? 'ipv6' : 'ipv4'
      return forbidden.check(bare, family) && !allowed.check(bare, family)
    },
  }
}

function addRange(list: BlockList, entry: string): void {
  const [address = '', length, ...rest] = entry.split('/')
  const version = isIP(address)
  const bits = version === 6 ? 128 : 32
  const prefix = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) : -1
  if (version === 0 || rest.length > 0 || prefix < 0 || prefix > bits) {
    throw new Error(`network.allow: "${entry}" is not an address range; write it as 127.0.0.0/8 or fd00::/8.`)
  }
  list.addSubnet(address, prefix, version === 6 ? 'ipv6' : 'ipv4')
}
