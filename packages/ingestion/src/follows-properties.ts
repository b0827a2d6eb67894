import { kinds } from './expected-properties.ts'
import type { ExpectedName, ExpectedObject, ExpectedValue } from './expected-properties.ts'
import {
  closeList,
  closeObject,
  colon,
  comma,
  inString,
  met,
  openList,
  openObject,
  ordinary,
  quote,
  skipColon,
  skipSpace,
  skipString,
  skipValue,
} from './skim-json.ts'

/** Instead of the place behind a value: it may not follow the dictionary, or not be JSON. Somebody else has to look. */
export const inDoubt = -1

/**
 * The place behind an object that certainly is JSON and certainly follows what is expected of it, else `inDoubt`. Sets
 * `met.depth`, as `skipValue` does.
 */
export const followsObject = (body: Buffer, start: number, expected: ExpectedObject): number => {
  let at = behindSpace(body, start + 1)
  if (body[at] === closeObject) {
    met.depth = 1
    return at + 1
  }
  let depth = 0
  let last: ExpectedName | undefined
  for (;;) {
    if (body[at] !== quote) return inDoubt
    let name = last === undefined ? expected.first : last.next
    if (name !== undefined && isNameAt(body, at, name.bytes)) at += name.bytes.length + 2
    else {
      const end = skipString(body, at)
      if (end === -1 || met.escapes) return inDoubt
      name = findExpected(body, at + 1, end - 1, expected)
      if (name !== undefined) {
        if (last === undefined) expected.first = name
        else last.next = name
      }
      at = end
    }
    at = body[at] === colon && (body[at + 1] as number) > 0x20 ? at + 1 : skipColon(body, at)
    if (at === -1) return inDoubt
    if (name === undefined) at = skipValue(body, at)
    else {
      at = followsValue(body, at, name.value)
      last = name
    }
    if (at === inDoubt) return inDoubt
    if (met.depth > depth) depth = met.depth
    at = behindSpace(body, at)
    const byte = body[at++]
    if (byte === closeObject) {
      met.depth = depth + 1
      return at
    }
    if (byte !== comma) return inDoubt
    at = behindSpace(body, at)
  }
}

const followsValue = (body: Buffer, start: number, expected: ExpectedValue): number => {
  const allowed = expected.kinds
  switch (body[start]) {
    case quote: {
      if ((allowed & kinds.string) === 0) return inDoubt
      let at = start + 1
      while (inString[body[at] as number] === ordinary) at++
      const end = body[at] === quote ? at + 1 : skipString(body, start)
      met.depth = 0
      return end === -1 || expected.choices === undefined ? end : isChoice(body, start, end, expected.choices)
    }
    case openObject:
      if ((allowed & kinds.object) === 0) return inDoubt
      return expected.properties === undefined
        ? skipValue(body, start)
        : followsObject(body, start, expected.properties)
    case openList:
      if ((allowed & kinds.array) === 0) return inDoubt
      return expected.items === undefined ? skipValue(body, start) : followsItems(body, start, expected.items)
    default:
      return followsScalar(body, start, expected)
  }
}

/** A number, true or false where they are expected, or null, which is as absent. */
const followsScalar = (body: Buffer, start: number, { kinds: allowed, choices }: ExpectedValue): number => {
  const end = skipValue(body, start)
  const byte = body[start]
  if (end === -1 || byte === 0x6e /* null */) return end
  const isName = byte === 0x74 || byte === 0x66 // true, false
  const isAllowed = isName
    ? (allowed & kinds.boolean) !== 0
    : (allowed & kinds.number) !== 0 || ((allowed & kinds.integer) !== 0 && isWhole(body, start, end))
  if (!isAllowed) return inDoubt
  return choices === undefined ? end : isChoice(body, start, end, choices)
}

const followsItems = (body: Buffer, start: number, expected: ExpectedValue): number => {
  let at = behindSpace(body, start + 1)
  if (body[at] === closeList) {
    met.depth = 1
    return at + 1
  }
  let depth = 0
  for (;;) {
    at = followsValue(body, at, expected)
    if (at === inDoubt) return inDoubt
    if (met.depth > depth) depth = met.depth
    at = behindSpace(body, at)
    const byte = body[at++]
    if (byte === closeList) {
      met.depth = depth + 1
      return at
    }
    if (byte !== comma) return inDoubt
    at = behindSpace(body, at)
  }
}

const behindSpace = (body: Buffer, at: number): number => ((body[at] as number) <= 0x20 ? skipSpace(body, at) : at)

/** The key that begins at the quote `at` is this name. */
const isNameAt = (body: Buffer, at: number, bytes: Uint8Array): boolean =>
  body[at + 1 + bytes.length] === quote && isAt(body, at + 1, bytes)

const isAt = (body: Buffer, start: number, bytes: Uint8Array): boolean => {
  let at = 0
  while (at < bytes.length && body[start + at] === bytes[at]) at++
  return at === bytes.length
}

const findExpected = (
  body: Buffer,
  start: number,
  end: number,
  { byLength }: ExpectedObject,
): ExpectedName | undefined => {
  const candidates = byLength[end - start]
  if (candidates === undefined) return undefined
  for (const candidate of candidates) if (isAt(body, start, candidate.bytes)) return candidate
  return undefined
}

/** The end, where the scalar is one of the choices as they are usually written. */
const isChoice = (body: Buffer, start: number, end: number, choices: readonly Uint8Array[]): number => {
  for (const choice of choices) if (choice.length === end - start && isAt(body, start, choice)) return end
  return inDoubt
}

/** More digits than these may be rounded when they are parsed. */
const maxWholeDigits = 15

const isWhole = (body: Buffer, start: number, end: number): boolean => {
  if (end - start > maxWholeDigits) return false
  for (let at = body[start] === 0x2d ? start + 1 : start; at < end; at++) {
    const byte = body[at] as number
    if (byte < 0x30 || byte > 0x39) return false
  }
  return true
}
