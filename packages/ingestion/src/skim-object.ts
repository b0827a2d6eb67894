import type { Json, JsonObject } from '@millrace/protocol'
import {
  closeObject,
  comma,
  met,
  openList,
  openObject,
  quote,
  skipColon,
  skipSpace,
  skipString,
  skipValue,
} from './skim-json.ts'

/**
 * What is wanted of an object, by name; other names are passed over, but must be JSON:
 * - `value`: the value as it is;
 * - `kind`: strings, numbers and names as they are, an object or list as an empty one;
 * - `repeats`: the same, of a text that is likely to be the last one's;
 * - names of its own: an object with these of its fields; anything else as with `kind`;
 * - a function: it reads the value itself, and says where that ends or -1.
 */
export interface Wanted {
  readonly [name: string]: 'value' | 'kind' | 'repeats' | Wanted | SkimValue
}
export type SkimValue = (body: Buffer, start: number, into: JsonObject) => number

/** A compiled `Wanted`: by length of the name its bytes, the name, and what is wanted of it. */
export interface WantedNames {
  readonly byLength: readonly (readonly WantedName[] | undefined)[]
}

interface WantedName {
  readonly bytes: Uint8Array
  readonly name: string
  readonly inside: 'value' | 'kind' | WantedNames | SkimValue
  readonly repeats: boolean
  readonly last: { bytes: Uint8Array; text: string }
}

/** A value that nests more than this is given as an empty one, and `skimmed.isTooDeep` is set: JSON.parse is kept from it. */
const maxParsedDepth = 1000
export const skimmed = { isTooDeep: false }

export const compileWanted = (wanted: Wanted): WantedNames => {
  const byLength: WantedName[][] = []
  for (const [name, inside] of Object.entries(wanted)) {
    const bytes = Buffer.from(name)
    const list = (byLength[bytes.length] ??= [])
    list.push({
      bytes,
      name,
      inside: inside === 'repeats' ? 'kind' : typeof inside === 'object' ? compileWanted(inside) : inside,
      repeats: inside === 'repeats',
      last: { bytes: new Uint8Array(0), text: '' },
    })
  }
  return { byLength }
}

/**
 * Reads the wanted fields of the object that begins at `start` into `into`, and says where it ends, or -1 when it is not
 * JSON. Of equal keys the last one counts, as with JSON.parse. Sets `met.depth` to the levels of the whole object.
 */
export const skimObject = (body: Buffer, start: number, { byLength }: WantedNames, into: JsonObject): number => {
  let depth = 0
  let at = skipSpace(body, start + 1)
  if (body[at] === closeObject) {
    met.depth = 1
    return at + 1
  }
  for (;;) {
    if (body[at] !== quote) return -1
    const keyEnd = skipString(body, at)
    if (keyEnd === -1) return -1
    const found = met.escapes
      ? findEscaped(body, at, keyEnd, byLength)
      : findName(body, at + 1, keyEnd - 1, byLength[keyEnd - at - 2])
    at = skipColon(body, keyEnd)
    if (at === -1) return -1
    at = found === undefined ? skipValue(body, at) : skimField(body, at, found, into)
    if (at === -1) return -1
    if (met.depth > depth) depth = met.depth
    if ((body[at] as number) <= 0x20) at = skipSpace(body, at)
    const byte = body[at++]
    if (byte === closeObject) {
      met.depth = depth + 1
      return at
    }
    if (byte !== comma) return -1
    if ((body[at] as number) <= 0x20) at = skipSpace(body, at)
  }
}

/** The value of any JSON text that is known to be valid. */
export const valueAt = (body: Buffer, start: number, end: number): Json =>
  JSON.parse(body.toString('utf8', start, end)) as Json

const skimField = (body: Buffer, start: number, wanted: WantedName, into: JsonObject): number => {
  const { name, inside } = wanted
  if (typeof inside === 'function') return inside(body, start, into)
  const byte = body[start]
  if (byte === quote) {
    const behind = skipString(body, start)
    if (behind === -1) return -1
    into[name] = met.escapes ? valueAt(body, start, behind) : textAt(body, start + 1, behind - 1, wanted)
    met.depth = 0
    return behind
  }
  if (byte === openObject && typeof inside === 'object') {
    const part: JsonObject = {}
    into[name] = part
    return skimObject(body, start, inside, part)
  }
  const behind = skipValue(body, start)
  if (behind === -1) return -1
  into[name] = inside === 'value' ? wholeValue(body, start, behind) : kindOf(body, start, behind)
  return behind
}

const wholeValue = (body: Buffer, start: number, end: number): Json => {
  if (met.depth <= maxParsedDepth) return valueAt(body, start, end)
  skimmed.isTooDeep = true
  return {}
}

/** A valid value whose inside does not count. */
export const kindOf = (body: Buffer, start: number, end: number): Json => {
  switch (body[start]) {
    case openObject:
      return {}
    case openList:
      return []
    case 0x6e: // null
      return null
    case 0x74: // true
      return true
    case 0x66: // false
      return false
    default:
      return valueAt(body, start, end)
  }
}

/**
 * The text of a string without escapes. Names of events, user agents and the like are the same in one message after the
 * other: comparing with the last one costs a fifth of making it anew.
 */
const textAt = (body: Buffer, start: number, end: number, wanted: WantedName): string => {
  const { last } = wanted
  const length = end - start
  if (length === last.bytes.length) {
    let at = 0
    while (at < length && body[start + at] === last.bytes[at]) at++
    if (at === length) return last.text
  }
  const text = body.toString('utf8', start, end)
  if (wanted.repeats && length <= maxRememberedBytes) {
    last.bytes = Uint8Array.prototype.slice.call(body, start, end)
    last.text = text
  }
  return text
}
const maxRememberedBytes = 512

const findName = (
  body: Buffer,
  start: number,
  end: number,
  candidates: readonly WantedName[] | undefined,
): WantedName | undefined => {
  if (candidates === undefined) return undefined
  for (const candidate of candidates) {
    const { bytes } = candidate
    let at = 0
    while (start + at < end && body[start + at] === bytes[at]) at++
    if (start + at === end) return candidate
  }
  return undefined
}

/** A key with escapes may spell any name. */
const findEscaped = (
  body: Buffer,
  start: number,
  end: number,
  byLength: WantedNames['byLength'],
): WantedName | undefined => {
  const name = Buffer.from(valueAt(body, start, end) as string)
  return findName(name, 0, name.length, byLength[name.length])
}
