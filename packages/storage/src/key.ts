import type { Key, KeyPart } from './state-store.ts'

/**
 * Keys as bytes whose order is the order of the parts.
 *
 *   key    = part*
 *   part   = 0x01 number (8 bytes, big endian)  |  0x02 text 0x00 0x00
 *   text   = UTF-8 with 0x00 written as 0x00 0x01
 */
const NUMBER = 1
const TEXT = 2

export const encodeKey = (key: Key): Buffer => {
  const pieces: Buffer[] = []
  for (const part of key) pieces.push(typeof part === 'number' ? encodeNumber(part) : encodeText(part))
  return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
}

/** Throws when the bytes are no key. */
export const decodeKey = (bytes: Uint8Array): Key => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts: KeyPart[] = []
  let at = 0
  while (at < buffer.length) {
    if (buffer[at] === NUMBER && at + 9 <= buffer.length) {
      parts.push(buffer.readUInt32BE(at + 1) * 0x1_0000_0000 + buffer.readUInt32BE(at + 5))
      at += 9
    } else {
      let end = at + 1
      while (end < buffer.length && !(buffer[end] === 0 && buffer[end + 1] === 0)) end += buffer[end] === 0 ? 2 : 1
      if (buffer[at] !== TEXT || end + 2 > buffer.length) {
        throw new Error(`these bytes are not a key of the state store: ${buffer.toString('hex')}`)
      }
      parts.push(buffer.toString('utf8', at + 1, end).replaceAll('\0\u0001', '\0'))
      at = end + 2
    }
  }
  return parts
}

/** The least key that is greater than every key with this prefix; undefined when there is none. */
export const prefixEnd = (prefix: Uint8Array): Buffer | undefined => {
  const end = Buffer.from(prefix)
  for (let i = end.length - 1; i >= 0; i--) {
    if (end[i] !== 0xff) {
      end[i] = (end[i] as number) + 1
      return end.subarray(0, i + 1)
    }
  }
  return undefined
}

const encodeNumber = (part: number): Buffer => {
  if (!Number.isSafeInteger(part) || part < 0) {
    throw new RangeError(`a number in a key must be a non-negative safe integer, not ${part}`)
  }
  const bytes = Buffer.allocUnsafe(9)
  bytes[0] = NUMBER
  bytes.writeUInt32BE(Math.floor(part / 0x1_0000_0000), 1)
  bytes.writeUInt32BE(part >>> 0, 5)
  return bytes
}

const encodeText = (part: string): Buffer => {
  const text = part.includes('\0') ? part.replaceAll('\0', '\0\u0001') : part
  return Buffer.from(`${String.fromCharCode(TEXT)}${text}\0\0`)
}
