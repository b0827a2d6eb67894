import type { Token } from './token.ts'
import { TriggerError } from './trigger-error.ts'

/**
 * path = name { "." name }; a name starts with a letter, `_` or an escape, and goes on with letters, digits, `_`, `-`,
 * escapes. `\x` is the character x whatever it is. Escaped brackets round digits are a list index, because the editors
 * of stored triggers write `items[0]` as `items\[0\]`.
 */
const nameStart = /[\p{L}_\\]/uy
const plainCharacters = /[\p{L}\d_-]+/uy
const listIndex = /\\\[(\d+)\\\]/y

/** Whether a path begins at this position of the text. */
export function startsPath(text: string, position: number): boolean {
  nameStart.lastIndex = position
  return nameStart.test(text)
}

/**
 * Reads the longest path at this position.
 * @throws {TriggerError} for a dot without a name, a backslash without a character, text glued to a list index.
 */
export function readPath(text: string, start: number): Token {
  const segments: string[] = []
  let position = start
  for (;;) {
    position = readSegment(text, position, segments)
    if (text[position] !== '.') break
    position += 1
  }
  return { kind: 'path', position: start, text: text.slice(start, position), segments }
}

/** Reads one name with the list indexes that follow it; returns the position behind them. */
function readSegment(text: string, start: number, segments: string[]): number {
  let position = start
  let name = ''
  if (!startsPath(text, position)) {
    throw new TriggerError(
      'A name is expected here: names start with a letter or _ (write a backslash before other characters)',
      start,
    )
  }
  while (position < text.length) {
    if (text[position] === '\\') {
      const index = matchAt(listIndex, text, position)
      if (index !== undefined) {
        if (name !== '') segments.push(name)
        return readIndexes(text, position, segments)
      }
      const escaped = text.codePointAt(position + 1)
      if (escaped === undefined) throw new TriggerError('A character is missing after this backslash', position)
      const character = String.fromCodePoint(escaped)
      name += character
      position += 1 + character.length
    } else {
      const plain = matchAt(plainCharacters, text, position)
      if (plain === undefined) break
      name += plain[0]
      position += plain[0].length
    }
  }
  segments.push(name)
  return position
}

function readIndexes(text: string, start: number, segments: string[]): number {
  let position = start
  for (;;) {
    const index = matchAt(listIndex, text, position)
    if (index === undefined) break
    segments.push(index[1] ?? '')
    position += index[0].length
  }
  if (startsPath(text, position)) {
    throw new TriggerError('A dot is missing between this list index and the next name', position)
  }
  return position
}

function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | undefined {
  pattern.lastIndex = position
  return pattern.exec(text) ?? undefined
}
