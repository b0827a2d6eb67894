import { hash } from 'node:crypto'
import type { IdentifierName } from './identifier.ts'

/**
 * The id of the profile that an identifier names: 104 bits of its SHA-256. Each identifier has one for ever, whether its
 * profile is called by it or not, so an id that was attached to a message years ago still leads to the profile of today.
 */
export const profileIdOf = (name: IdentifierName): string => `p${hash('sha256', name, 'hex').slice(0, HEX_DIGITS)}`

/** The id as a key of the store: two numbers of 52 bits. */
export const keyOfProfileId = (profileId: string): readonly [number, number] => {
  if (!/^p[0-9a-f]{26}$/.test(profileId)) {
    throw new RangeError(`"${profileId}" is not a profile id: it begins with p, and 26 hexadecimal digits follow`)
  }
  const middle = 1 + HEX_DIGITS / 2
  return [Number.parseInt(profileId.slice(1, middle), 16), Number.parseInt(profileId.slice(middle), 16)]
}

export const profileIdOfKey = (upper: number, lower: number): string => `p${half(upper)}${half(lower)}`

const HEX_DIGITS = 26
const half = (number: number): string => number.toString(16).padStart(HEX_DIGITS / 2, '0')
